import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { randomWords } from '../../src/training/random.ts';
import { SMALL } from '../small-jobs.ts';
import { until } from '../worker/processes.ts';
import { missing, openRig } from '../worker/rig.ts';
import { resultOf, untilEnded, untilInside } from '../worker/trained.ts';
import { undisturbed } from '../worker/undisturbed.ts';
import { type Crew, openCrew } from './crew.ts';
import { FAULTS, type Fault } from './faults.ts';

/** Decides which faults come, how many and after which pause; what they meet is up to the machine. */
const SEED = Number(process.env['EPOCHD_FAULT_SEED'] ?? 20_240_229);
const WORKERS = 2;
const MAX_PAUSE_MS = 800;
const MAX_FAULTS_PER_RUN = 3;
const AT_LEAST_MS = 40_000;
/** By then every fault has hit a training, on a slow machine too. */
const AT_MOST_MS = 160_000;

const EPOCHS = Array.from({ length: SMALL.training.epochs }, (_, index) => index + 1);

describe.skipIf(missing)('whatever happens to two workers and their Redis', () => {
  test('every training ends with the bits of an undisturbed one', { timeout: 2 * AT_MOST_MS }, async () => {
    const expected = await undisturbed();
    const rig = await openRig();
    const crew = await openCrew(rig, WORKERS);
    const chance = openChance();
    const began = performance.now();
    const elapsed = (): number => performance.now() - began;
    let trainings = 0;
    for (; elapsed() < AT_LEAST_MS || (elapsed() < AT_MOST_MS && chance.missed().length > 0); trainings++) {
      const id = await rig.submit();
      await untilInside(rig, id, 1);
      const context = `${id} after ${await disturb(crew, id, chance)} (EPOCHD_FAULT_SEED=${SEED})`;
      const run = await untilEnded(rig, id);
      expect(run.record.state, `${context}: ${run.record.error?.message}`).toBe('succeeded');
      expect(
        run.history.map(({ epoch }) => epoch),
        context,
      ).toEqual(EPOCHS);
      expect(await resultOf(run), context).toEqual(expected);
    }
    await until(async () => Object.values(await rig.queue.depth()).every((count) => count === 0), 'the queue is empty');
    console.log(
      JSON.stringify({ seed: SEED, seconds: Math.round(elapsed() / 1000), trainings, faults: Object.fromEntries(chance.counts) }),
    );
    expect(chance.missed(), 'faults that never hit a training').toEqual([]);
  });
});

/** Lets a few faults happen to a training, as long as it lasts. Resolves to their names. */
async function disturb(crew: Crew, id: string, { below, draw, counts }: Chance): Promise<string> {
  const happened: string[] = [];
  for (let left = 1 + below(MAX_FAULTS_PER_RUN); left > 0; left--) {
    await sleep(below(MAX_PAUSE_MS));
    const [name, fault] = draw();
    if (!(await crew.strike(id, fault))) break;
    happened.push(name);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return happened.join(', ');
}

type Chance = ReturnType<typeof openChance>;

function openChance() {
  const words = randomWords(SEED, 'order');
  const below = (limit: number): number => words() % limit;
  const counts = new Map(Object.keys(FAULTS).map((name) => [name, 0]));
  const deck: [string, Fault][] = [];
  return {
    below,
    /** How often each fault hit. */
    counts,
    missed: (): string[] => [...counts].flatMap(([name, count]) => (count === 0 ? [name] : [])),
    /** Each fault once, in some order, then each once more. */
    draw(): [string, Fault] {
      if (deck.length === 0) deck.push(...Object.entries(FAULTS));
      return deck.splice(below(deck.length), 1)[0]!;
    },
  };
}
