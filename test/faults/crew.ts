import { isTerminal } from '../../src/contract/job.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { until } from '../worker/processes.ts';
import type { Rig } from '../worker/rig.ts';
import type { WorkerProcess } from '../worker/worker-process.ts';
import type { Fault } from './faults.ts';

/** Workers on one queue, as many at any time as at the beginning. */
export interface Crew {
  /** Waits until one of them has the run and lets the fault happen to it. False when the run ended before. */
  strike(id: string, fault: Fault): Promise<boolean>;
}

export async function openCrew(rig: Rig, size: number): Promise<Crew> {
  const workers = new Map<string, WorkerProcess>();
  const join = async (): Promise<void> => {
    const worker = await rig.startWorker({ reconcileMs: 500 });
    workers.set(worker.id, worker);
  };
  for (let n = 0; n < size; n++) await join();
  return {
    async strike(id, fault) {
      const record = await untilHeld(rig, id, (worker) => workers.has(worker));
      const holder = workers.get(record.worker ?? '');
      if (isTerminal(record.state) || !holder) return false;
      const replaceHolder = (): Promise<void> => {
        workers.delete(holder.id);
        return join();
      };
      const scene = { rig, id, record, holder, replaceHolder };
      const harmed = await fault.harm(scene);
      const { state } = await rig.runs.readRecord(id);
      await fault.mend(scene);
      return harmed && state !== 'succeeded';
    },
  };
}

/** The record of the run once a worker that is there has it, or once it has ended. */
async function untilHeld({ runs }: Rig, id: string, isThere: (worker: string) => boolean): Promise<RunRecord> {
  let record = await runs.readRecord(id);
  await until(async () => {
    record = await runs.readRecord(id);
    return isTerminal(record.state) || (record.state === 'running' && isThere(record.worker ?? ''));
  }, `a worker has ${id}`);
  return record;
}
