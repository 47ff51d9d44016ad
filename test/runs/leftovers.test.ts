import { describe, expect, test } from 'vitest';
import { JobNotFound } from '../../src/contract/errors.ts';
import { openRuns, type Runs } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { keepSteps } from '../../src/training/state.ts';
import { birthOf } from '../births.ts';
import { temporaryFolder } from '../folders.ts';
import { newJobId } from '../seed-job.ts';
import { checkpointAfter } from './checkpoints.ts';
import { claimant, claimed, saveEpochs, spec } from './claimed-run.ts';
import { cutAfter } from './cut-blobs.ts';
import { holdBlobs } from './held-blobs.ts';
import { settleAll } from './settle-all.ts';

/** What a process dies of, after each of its writes, until it comes through. */
interface Deed {
  /** Makes the run that it is done to. */
  readonly prepare: (runs: Runs, id: string) => Promise<unknown>;
  readonly act: (runs: Runs, id: string, prepared: never) => Promise<unknown>;
  /** What may have become of the run: a state, or `gone`. */
  readonly becomes: readonly string[];
}

const create = async (runs: Runs, id: string) => runs.create(id, await birthOf(spec));

/** Two claims, of which the second goes on. */
async function twiceClaimed(runs: Runs, id: string): Promise<number> {
  await create(runs, id);
  await saveEpochs(runs, id, [0.5, 0.4]);
  return (await claimed(runs, id)).claim;
}

async function ended(runs: Runs, id: string): Promise<void> {
  await runs.end(id, await twiceClaimed(runs, id), { type: 'finished', reason: 'completed' }, 0);
}

const DEEDS: Readonly<Record<string, Deed>> = {
  'is making it': { prepare: async () => undefined, act: create, becomes: ['gone', 'queued'] },
  'is withdrawing it': {
    prepare: create,
    act: (runs, id, made) => runs.withdraw(id, made),
    becomes: ['gone', 'queued'],
  },
  'is deleting it': { prepare: ended, act: (runs, id) => runs.remove(id), becomes: ['gone', 'succeeded'] },
  'is deleting it, cancelled while it waited': {
    prepare: async (runs, id) => create(runs, id).then(() => runs.cancel(id)),
    act: (runs, id) => runs.remove(id),
    becomes: ['gone', 'cancelled'],
  },
  'ends it': {
    prepare: twiceClaimed,
    act: (runs, id, claim) => runs.end(id, claim, { type: 'finished', reason: 'completed' }, 0),
    becomes: ['running', 'succeeded'],
  },
  'cancels it': {
    prepare: twiceClaimed,
    act: (runs, id, claim) => runs.cancel(id).then(() => runs.end(id, claim, { type: 'handed_over' }, 0)),
    becomes: ['running', 'cancelling', 'cancelled'],
  },
  'retries it': {
    prepare: async (runs, id) => create(runs, id).then(() => runs.cancel(id)),
    act: (runs, id) => runs.retry(id),
    becomes: ['cancelled', 'queued'],
  },
};

async function stateOf(runs: Runs, id: string): Promise<string> {
  return runs.readRecord(id).then(
    ({ state }) => state,
    () => 'gone',
  );
}

describe('of a run', () => {
  test.each(Object.entries(DEEDS))('nothing is left that nobody needs when a process dies that %s', async (_what, deed) => {
    const seen = new Set<string>();
    for (let n = 0, isThrough = false; !isThrough; n++) {
      const blobs = await openFolder(temporaryFolder());
      const runs = openRuns(blobs);
      const id = newJobId();
      const prepared = await deed.prepare(runs, id);
      const { blobs: cut, wasCut } = cutAfter(blobs, n);
      await deed.act(openRuns(cut), id, prepared as never).catch(() => undefined);
      isThrough = !wasCut();
      await settleAll(blobs);
      const state = await stateOf(runs, id);
      seen.add(state);
      const isAtWork = ['queued', 'running', 'cancelling'].includes(state);
      expect(await blobs.children('unfinished'), `${n} writes, ${state}`).toHaveLength(isAtWork ? 1 : 0);
      expect(await blobs.children('runs'), `${n} writes, ${state}`).toEqual(state === 'gone' ? [] : [id]);
      if (state === 'succeeded' || state === 'cancelled') {
        const claims = await blobs.children(`runs/${id}/claims`);
        expect(claims.length, `${n} writes, ${state}: claims ${claims.join()}`).toBeLessThan(2);
      }
    }
    expect([...seen].sort()).toEqual([...deed.becomes].filter((state) => state !== 'cancelling' || seen.has(state)).sort());
  });
});

test('what a frozen writer still writes of a run that was deleted meanwhile is not shown, and is swept', async () => {
  const blobs = await openFolder(temporaryFolder());
  const runs = openRuns(blobs);
  const id = newJobId();
  await create(runs, id);
  const { blobs: held, holdAt, release } = holdBlobs(blobs);
  const { writer } = await claimed(openRuns(held), id);
  const stopped = holdAt(1);
  const checkpoint = checkpointAfter(spec, [0.5]);
  const saved = writer.save(checkpoint, keepSteps(checkpoint.state, spec));
  await stopped;
  await runs.cancel(id);
  await runs.claim(id, claimant);
  await runs.remove(id);
  expect(await blobs.children('runs')).toEqual([]);
  release();
  await saved;
  await expect(runs.find(id)).rejects.toThrow(JobNotFound);
  await expect(writer.appendHistory(checkpoint.state.history[0]!, [])).rejects.toThrow(JobNotFound);
  expect(await blobs.children('runs')).toEqual([id]);
  await runs.markStrays();
  await settleAll(blobs);
  expect([await blobs.children('runs'), await blobs.children('unfinished')]).toEqual([[], []]);
});

test('a worker that takes a run at the moment in which it is deleted brings nothing of it back', async () => {
  const blobs = await openFolder(temporaryFolder());
  const runs = openRuns(blobs);
  const id = newJobId();
  const made = await create(runs, id);
  const { blobs: held, holdAt, release } = holdBlobs(blobs);
  const stopped = holdAt(1);
  const claiming = openRuns(held).claim(id, claimant);
  await stopped;
  await runs.withdraw(id, made);
  release();
  await expect(claiming).rejects.toThrow(JobNotFound);
  expect(await blobs.children('runs')).toEqual([]);
});
