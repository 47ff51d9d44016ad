import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, openClock } from '../clock.ts';
import { membersOfGroup, signalGroup, signalOne, trainersOf } from '../processes.ts';
import { type Command, type Launched, launch } from './launch.ts';
import type { Report } from './report.ts';

/** One `epochd api` or `epochd worker`, as whatever process it is at the moment. */
export interface Member {
  readonly name: string;
  readonly clock: Clock;
  pid(): number;
  /** Where it listens; where it did, while it is not there. */
  url(): string;
  /** Lets something happen to it: until that is over it is no wonder that it does not answer, or ends. */
  disturb<T>(harm: () => Promise<T>): Promise<T>;
  /** Odd while something happens to it. */
  disturbances(): number;
  /** Resolves when it has started: at once, unless its surroundings keep it from that. */
  start(): Promise<void>;
  /** Resolves to the exit code or the signal when it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | NodeJS.Signals>;
  /** False when nobody is there. */
  signal(signal: 'SIGSTOP' | 'SIGCONT', to: 'itself' | 'group'): boolean;
  trainers(): number[];
  /** Every process that ever belonged to it and is still there. */
  remains(): number[];
  /** The end of what it logged. */
  log(): string;
  logBytes(): number;
  /** Whatever is left of it. */
  destroy(): void;
}

export interface MemberSettings extends Command {
  readonly name: string;
  /** Holds by how many milliseconds its clock is off. */
  readonly clockFile: string;
  /** Whether its Redis or its data folder is being disturbed: then it may refuse to start. */
  readonly isTroubled: () => boolean;
}

const START_MS = 90_000;
const END_MS = 30_000;

export function openMember(settings: MemberSettings, report: Report): Member {
  const { name, command } = settings;
  const clock = openClock(settings.clockFile);
  const env = { ...settings.env, ...clock.env };
  const all: Launched[] = [];
  let disturbances = 0;
  const now = (): Launched => {
    const last = all.at(-1);
    if (!last) throw new Error(`${name} was never started`);
    return last;
  };

  async function disturb<T>(harm: () => Promise<T>): Promise<T> {
    disturbances++;
    try {
      return await harm();
    } finally {
      disturbances++;
    }
  }

  async function start(): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const launched = launch({ command, env });
      all.push(launched);
      let troubled = settings.isTroubled();
      while (!launched.isReady() && !launched.isGone() && performance.now() < deadline) {
        await sleep(20);
        troubled ||= settings.isTroubled();
      }
      if (launched.isReady()) return void watch(launched);
      if (performance.now() > deadline) return report.violate(`${name} has not started within ${START_MS / 1000} s:\n${launched.log()}`);
      if (!troubled) report.violate(`${name} does not start, it ends with ${await launched.gone}:\n${launched.log()}`);
      await sleep(500);
    }
  }

  /** A process manager would start it again as well. */
  async function watch(launched: Launched): Promise<void> {
    const how = await launched.gone;
    if (disturbances % 2 === 1) return;
    report.violate(`${name} ended by itself with ${how}:\n${launched.log().slice(-2000)}`);
    await disturb(start);
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | NodeJS.Signals> {
    const launched = now();
    signalOne(launched.pid, signal);
    const late = setTimeout(() => {
      report.violate(`${name} is still there ${END_MS / 1000} s after ${signal}:\n${launched.log().slice(-2000)}`);
      signalOne(launched.pid, 'SIGKILL');
    }, END_MS);
    const how = await launched.gone;
    clearTimeout(late);
    return how;
  }

  const remains = (): number[] => all.flatMap(({ pid }) => membersOfGroup(pid));
  return {
    name,
    clock,
    pid: () => now().pid,
    url: () => all.findLast((launched) => launched.url() !== '')?.url() ?? '',
    disturb,
    disturbances: () => disturbances,
    start,
    end,
    signal: (signal, to) => (to === 'group' ? signalGroup : signalOne)(now().pid, signal),
    trainers: () => trainersOf(now().pid),
    remains,
    log: () => now().log(),
    logBytes: () => all.reduce((sum, launched) => sum + launched.logBytes(), 0),
    destroy() {
      for (const { pid } of all) signalGroup(pid, 'SIGKILL');
    },
  };
}
