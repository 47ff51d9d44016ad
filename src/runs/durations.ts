import { isTerminal, type Job, type JobTransition } from '../contract/job.ts';

/** Seconds spent waiting and training, over all attempts, up to `now` or the end. */
export function durationsOf(transitions: readonly JobTransition[], now: Date): Job['durations'] {
  const durations = { queued: 0, running: 0, total: 0 };
  for (const [index, { to, at }] of transitions.entries()) {
    if (isTerminal(to)) continue;
    const until = transitions[index + 1]?.at;
    // A clock that was set back must not make time negative.
    const seconds = Math.max(0, ((until === undefined ? now.getTime() : Date.parse(until)) - Date.parse(at)) / 1000);
    durations[to === 'queued' ? 'queued' : 'running'] += seconds;
    durations.total += seconds;
  }
  return durations;
}
