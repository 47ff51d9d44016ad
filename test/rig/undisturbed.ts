import { closeRigs, openRig } from './rig.ts';
import { resultOf, untilEnded } from './trained.ts';

/** The result of a job, SMALL unless told otherwise, when nothing happens to it, on more threads than others get: that must not matter either. */
export async function undisturbed(job?: object): Promise<object> {
  const rig = await openRig();
  await rig.startWorker({ trainer: { threads: 2 } });
  const id = await rig.submit(job);
  const run = await untilEnded(rig, id);
  if (run.record.state !== 'succeeded') throw new Error(`the undisturbed run is ${run.record.state}: ${run.record.error?.message}`);
  const result = await resultOf(rig, id);
  await closeRigs();
  return result;
}
