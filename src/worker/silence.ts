/** Watches a process that beats. */
export interface SilenceWatch {
  heard(): void;
  stop(): void;
}

const LOOKS = 10;

/** A machine under load takes long to start a process: its first sign may take so long, whatever the limit. */
const START_MS = 60_000;

/**
 * Calls `onSilence` with the milliseconds once nothing was heard for `limitMs` in which this process was awake and looked. One that
 * was stopped or suspended meanwhile, perhaps together with the other, begins anew; what came in is heard before silence is found.
 */
export function watchSilence(limitMs: number, onSilence: (silentMs: number) => void): SilenceWatch {
  let patience = LOOKS * Math.max(1, START_MS / limitMs);
  let silentLooks = 0;
  let lookedAt = performance.now();
  const look = (): void => {
    const now = performance.now();
    const hasSlept = now - lookedAt > limitMs / 2;
    lookedAt = now;
    silentLooks = hasSlept ? 0 : silentLooks + 1;
    // After the timers the event loop reads what has come in, and then comes to this.
    if (silentLooks >= patience) setImmediate(() => silentLooks >= patience && onSilence((patience * limitMs) / LOOKS));
  };
  const timer = setInterval(look, limitMs / LOOKS);
  return {
    heard() {
      patience = LOOKS;
      silentLooks = 0;
    },
    stop() {
      clearInterval(timer);
    },
  };
}
