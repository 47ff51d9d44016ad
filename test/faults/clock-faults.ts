import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import type { Fault, Faults } from './fault.ts';
import type { Where } from './places.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const LOOKS_WITHIN_MS = 15_000;
const FAR = [30 * SECOND, -30 * SECOND, HOUR, -HOUR, 25 * HOUR, -25 * HOUR];

/** Only one of those that it may happen to is struck, so that clocks differ. */
const clockOff = (where: Where, by: readonly number[]): Fault => ({
  where,
  async strike({ members, chance }) {
    const { clock, name } = chance.pick(members);
    const offset = chance.pick(by);
    clock.set(offset);
    const felt = await until(() => clock.felt() === offset, `${name} looks at its clock`, LOOKS_WITHIN_MS).then(
      () => true,
      () => false,
    );
    await sleep(chance.between(1000, 6000));
    clock.set(0);
    return felt;
  },
});

export const CLOCK_FAULTS: Faults = {
  'clock of an API': clockOff('both apis', FAR),
  'clock of a worker': clockOff('a worker', FAR),
};
