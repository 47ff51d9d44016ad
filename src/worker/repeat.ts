/** Something that is done again and again, never twice at a time. */
export interface Repetition {
  /** Resolves when the last one is through. */
  stop(): Promise<void>;
}

/** Does `work` now and then `ms` after it was through, until stopped. What it throws goes to `onError`. */
export function repeat(ms: number, work: () => Promise<unknown>, onError: (error: unknown) => void): Repetition {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const turn = async (): Promise<void> => {
    await work().catch(onError);
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
