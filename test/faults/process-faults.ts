import { setTimeout as sleep } from 'node:timers/promises';
import { isTerminal } from '../../src/contract/job.ts';
import type { Runs } from '../../src/runs/store.ts';
import { signalOne } from '../processes.ts';
import { until } from '../until.ts';
import { type AtWork, runsAtWork } from './at-work.ts';
import type { Fault, Faults, Target } from './fault.ts';
import type { Member } from './member.ts';

/** So long a fault waits for a worker to have something that it can spoil. */
const PATIENCE_MS = 5000;
const MAX_DOWN_MS = 2000;
/** Below the lock that workers hold. */
const SHORT_MS = 2000;
/** So long that another API takes over the key of a request. */
const LONG_MS = 14_000;
const TAKEN_OVER_MS = 30_000;

const member = ({ members: [first] }: Target): Member => {
  if (!first) throw new Error('this fault needs an API or a worker to happen to');
  return first;
};

/** The trainers of a worker, as soon as there are any; none when that takes too long. */
async function trainersOf(worker: Member): Promise<number[]> {
  let trainers: number[] = [];
  await until(() => (trainers = worker.trainers()).length > 0, `${worker.name} trains`, PATIENCE_MS).catch(() => undefined);
  return trainers;
}

/** Happens to a worker that trains. */
const toTraining = (harm: (target: Target, trainers: readonly number[]) => Promise<boolean>): Fault => ({
  where: 'a worker',
  async strike(target) {
    const trainers = await trainersOf(member(target));
    return trainers.length > 0 && harm(target, trainers);
  },
});

const signalTrainer = (signal: NodeJS.Signals): Fault =>
  toTraining(async (_target, trainers) => trainers.map((trainer) => signalOne(trainer, signal)).includes(true));

const ended = async (target: Target, signal: 'SIGKILL' | 'SIGTERM'): Promise<boolean> => {
  const { chance, report } = target;
  const struck = member(target);
  return struck.disturb(async () => {
    const how = await struck.end(signal);
    if (signal === 'SIGTERM' && how !== 0) report.violate(`${struck.name} ended with ${how} after SIGTERM:\n${struck.log().slice(-2000)}`);
    await sleep(chance.below(MAX_DOWN_MS));
    await struck.start();
    return true;
  });
};

const frozen = async (struck: Member, what: 'itself' | 'group', ms: number): Promise<boolean> =>
  struck.disturb(async () => {
    struck.signal('SIGSTOP', what);
    await sleep(ms);
    return struck.signal('SIGCONT', what);
  });

/** Wakes it up when another worker has claimed the run that it held. */
const frozenPastLock = (what: 'itself' | 'group'): Fault =>
  toTraining(async (target) => {
    const struck = member(target);
    const { runs } = target.fleet;
    return struck.disturb(async () => {
      struck.signal('SIGSTOP', what);
      const held = await runHeldBy(target, struck.pid());
      const isTaken = held !== undefined && (await untilClaimedAnew(runs, held));
      return struck.signal('SIGCONT', what) && isTaken;
    });
  });

/** False when it ends before, or nobody claims it. */
async function untilClaimedAnew(runs: Runs, { id, record }: AtWork): Promise<boolean> {
  let now = record;
  const isOver = async (): Promise<boolean> => {
    now = await runs.readRecord(id);
    return now.claim > record.claim || isTerminal(now.state);
  };
  await until(isOver, `another worker has claimed ${id}`, TAKEN_OVER_MS).catch(() => undefined);
  return now.claim > record.claim;
}

const runHeldBy = async ({ fleet: { runs } }: Target, pid: number): Promise<AtWork | undefined> =>
  (await runsAtWork(runs)).find(({ record }) => record.worker?.includes(`-${pid}-`));

export const PROCESS_FAULTS: Faults = {
  'kill -9 trainer': signalTrainer('SIGKILL'),
  'SIGTERM trainer': signalTrainer('SIGTERM'),
  'SIGSTOP trainer': toTraining(async ({ chance }, trainers) => {
    const stopped = trainers.filter((trainer) => signalOne(trainer, 'SIGSTOP'));
    await sleep(chance.between(500, 6000));
    for (const trainer of stopped) signalOne(trainer, 'SIGCONT');
    return stopped.length > 0;
  }),
  'kill -9 worker': toTraining((target) => ended(target, 'SIGKILL')),
  'SIGTERM worker': toTraining((target) => ended(target, 'SIGTERM')),
  'SIGSTOP worker': toTraining((target) => frozen(member(target), 'itself', target.chance.between(300, SHORT_MS))),
  'SIGSTOP worker past its lock': frozenPastLock('itself'),
  'SIGSTOP worker and trainer past the lock': frozenPastLock('group'),
  'kill -9 API': { where: 'an api', strike: (target) => ended(target, 'SIGKILL') },
  'SIGTERM API': { where: 'an api', strike: (target) => ended(target, 'SIGTERM') },
  'SIGSTOP API': {
    where: 'an api',
    strike: (target) => frozen(member(target), 'itself', target.chance.between(300, LONG_MS)),
  },
  'SIGSTOP of everything': {
    where: 'everything',
    async strike({ fleet: { redis }, members, chance }) {
      const ms = chance.between(3500, LONG_MS);
      redis.kill('SIGSTOP');
      const woken = await Promise.all(members.map((struck) => frozen(struck, 'group', ms)));
      return redis.kill('SIGCONT') && woken.every(Boolean);
    },
  },
};
