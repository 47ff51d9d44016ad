import { setTimeout as sleep } from 'node:timers/promises';
import { WrongState } from '../../src/contract/errors.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { childrenOf, freeze, until } from '../worker/processes.ts';
import type { Rig } from '../worker/rig.ts';
import type { WorkerProcess } from '../worker/worker-process.ts';
import { untilRedisAnswers, withRedis } from './redis-of.ts';

/** A run in the hands of a worker, and where to break it. */
export interface Scene {
  readonly rig: Rig;
  readonly id: string;
  /** As it was before the fault. */
  readonly record: RunRecord;
  /** Who holds the run. */
  readonly holder: WorkerProcess;
  /** Starts a worker in the place of the holder, which is gone. */
  replaceHolder(): Promise<void>;
}

export interface Fault {
  /** Resolves to false when there was nothing to break any more. */
  harm(scene: Scene): Promise<boolean>;
  /** What an operator does about it. */
  mend(scene: Scene): Promise<void>;
}

const FROZEN_REDIS_MS = 3000;

export const FAULTS: Readonly<Record<string, Fault>> = {
  'kill -9 trainer': {
    async harm({ holder }) {
      const trainers = childrenOf(holder.pid);
      for (const trainer of trainers) process.kill(trainer, 'SIGKILL');
      return trainers.length > 0;
    },
    mend: async () => undefined,
  },
  'kill -9 worker': {
    harm: async ({ holder }) => holder.kill('SIGKILL'),
    mend: ({ replaceHolder }) => replaceHolder(),
  },
  'SIGTERM worker': {
    async harm({ holder }) {
      const code = await holder.terminate();
      if (code !== 0) throw new Error(`a worker that got SIGTERM ended with ${code}, expected 0:\n${holder.log()}`);
      return true;
    },
    mend: ({ replaceHolder }) => replaceHolder(),
  },
  'SIGSTOP worker past its lock': {
    async harm({ holder }) {
      await freeze(holder.pid);
      return true;
    },
    async mend({ rig, id, record, holder }) {
      await until(async () => {
        const { claim, state } = await rig.runs.readRecord(id);
        return claim > record.claim || state === 'succeeded';
      }, 'another worker has claimed the run of the one that is stopped');
      holder.kill('SIGCONT');
    },
  },
  'kill -9 Redis': {
    harm: async ({ rig }) => rig.redis.kill('SIGKILL'),
    async mend({ rig }) {
      await rig.redis.restart();
      await untilRedisAnswers(rig);
    },
  },
  'SIGSTOP Redis': {
    harm: async ({ rig }) => rig.redis.kill('SIGSTOP'),
    async mend({ rig }) {
      await sleep(FROZEN_REDIS_MS);
      rig.redis.kill('SIGCONT');
      await untilRedisAnswers(rig);
    },
  },
  FLUSHALL: {
    harm: async ({ rig }) => (await withRedis(rig, (redis) => redis.flushall())) === 'OK',
    mend: async () => undefined,
  },
  'cancel and retry': {
    harm: ({ rig, id }) => rig.runs.cancel(id).then(() => true, unlessEnded),
    async mend({ rig, id }) {
      await until(async () => ['cancelled', 'succeeded'].includes((await rig.runs.readRecord(id)).state), `${id} is cancelled`);
      const retried = await rig.runs.retry(id).catch(unlessEnded);
      if (retried) await rig.queue.add(id, 100, retried.retries);
    },
  },
};

/** The run has succeeded meanwhile: too late to cancel it. */
function unlessEnded(error: unknown): false {
  if (error instanceof WrongState) return false;
  throw error;
}
