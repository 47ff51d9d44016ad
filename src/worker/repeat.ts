/** Something that is done again and again, never twice at a time. */
export interface Repetition {
  /** Resolves when the last one is through. */
  stop(): Promise<void>;
}

/** Does `work`, which never rejects, now and then `ms` after it was through, until stopped. */
export function repeat(ms: number, work: () => Promise<void>): Repetition {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const turn = async (): Promise<void> => {
    await work();
    if (!stopped) timer = setTimeout(next, ms);
  };
  const next = (): void => {
    running = turn();
  };
  let running = turn();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return running;
    },
  };
}
