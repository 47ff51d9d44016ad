import type { RecordedState } from '../contract/job.ts';
import type { RunRecord } from '../runs/record.ts';
import type { TrainerProcess } from './trainer-process.ts';

/** What happens to a trainer: `hand_over` lets it save what it has done first, `cancel` does not, `kill` does not even ask. */
export type Stop = 'nothing' | 'hand_over' | 'cancel' | 'kill';

/** Which state of its run's record stops a trainer, and how. */
export const STOPS: Readonly<Record<RecordedState, Stop>> = {
  running: 'nothing',
  cancelling: 'cancel',
  // Whoever ended the run, or put it back in line, did not wait for this trainer: nothing that it says counts any more.
  queued: 'kill',
  succeeded: 'kill',
  failed: 'kill',
  cancelled: 'kill',
  withdrawn: 'kill',
  deleted: 'kill',
};

/** What a record asks of the trainer of `claim`. A state of a later version is no reason to train on. */
export const stopFor = ({ state, claim }: Pick<RunRecord, 'state' | 'claim'>, ownClaim: number): Stop =>
  claim === ownClaim ? (STOPS[state] ?? 'kill') : 'kill';

export function stopTrainer(trainer: Pick<TrainerProcess, 'stop' | 'kill'>, how: Stop): void {
  if (how === 'kill') trainer.kill();
  else if (how !== 'nothing') trainer.stop(how);
}
