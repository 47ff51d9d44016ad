import { isTerminal, type Job, type JobTransition } from '../contract/job.ts';

/** Seconds spent waiting and training, over all attempts, up to `now` or the end; to the millisecond, as times are kept. */
export function durationsOf(transitions: readonly JobTransition[], now: Date): Job['durations'] {
  const spent = { queued: 0, running: 0 };
  for (const [index, { to, at }] of transitions.entries()) {
    if (isTerminal(to)) continue;
    const until = transitions[index + 1]?.at;
    // A clock that was set back must not make time negative.
    spent[to === 'queued' ? 'queued' : 'running'] += Math.max(
      0,
      (until === undefined ? now.getTime() : Date.parse(until)) - Date.parse(at),
    );
  }
  const { queued, running } = spent;
  return { queued: queued / 1000, running: running / 1000, total: (queued + running) / 1000 };
}
