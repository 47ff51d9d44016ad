import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { QueueUnavailable } from '../../src/contract/errors.ts';
import type { Progress } from '../../src/contract/progress.ts';
import { relayProgress } from '../../src/worker/progress-relay.ts';

const at = (step: number): Progress => ({ claim: 1, phase: 'training', epoch: 1, epochs: 1, step, stepsPerEpoch: 100, etaAt: null });

/** What was published, by a Redis that takes its time, or refuses. */
function open(take: () => Promise<void>, pace = { publishMs: 20, repeatMs: 100_000 }) {
  const published: number[] = [];
  const relay = relayProgress(async ({ step }) => {
    published.push(step);
    await take();
  }, pace);
  onTestFinished(relay.stop);
  return { published, relay };
}

test('the newest progress is published, the first at once, and none twice', async () => {
  const { published, relay } = open(async () => undefined);
  for (let step = 1; step <= 50; step++) relay.hear(at(step));
  expect(published).toEqual([1]);
  await expect.poll(() => published).toEqual([1, 50]);
  await sleep(100);
  expect(published).toEqual([1, 50]);
});

test('while Redis takes its time nothing queues up', async () => {
  let answer = (): void => undefined;
  const { published, relay } = open(() => new Promise((resolve) => (answer = resolve)));
  for (let step = 1; step <= 20; step++) {
    relay.hear(at(step));
    await sleep(5);
  }
  expect(published).toEqual([1]);
  answer();
  await expect.poll(() => published).toEqual([1, 20]);
});

test('what Redis refuses is dropped, and the next is published', async () => {
  let isDown = true;
  const { published, relay } = open(async () => {
    if (isDown) throw new QueueUnavailable('down');
  });
  relay.hear(at(1));
  isDown = false;
  relay.hear(at(2));
  await expect.poll(() => published).toEqual([1, 2]);
});

test('progress that stands still is repeated, so that it is shown while its trainer lives, and not after', async () => {
  const { published, relay } = open(async () => undefined, { publishMs: 10, repeatMs: 30 });
  relay.hear(at(7));
  await expect.poll(() => published.length).toBeGreaterThan(2);
  relay.stop();
  const count = published.length;
  await sleep(100);
  expect(published).toEqual(Array(count).fill(7));
});
