import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reconcile } from '../../src/worker/reconcile.ts';
import { birthOf } from '../births.ts';
import { GOLDEN } from '../golden.ts';
import { type Service, startService } from '../http/service.ts';
import { takeForTraining } from '../http/trained-run.ts';
import { newJobId, seedSpec } from '../seed-job.ts';

/* Each file of a run is damaged in each way, one at a time. */

const DAMAGES: Readonly<Record<string, (path: string) => Promise<void>>> = {
  removed: (path) => unlink(path),
  emptied: (path) => truncate(path, 0),
  'cut in half': async (path) => anew(path, (bytes) => bytes.subarray(0, bytes.length >> 1)),
  'filled with NULs': async (path) => anew(path, (bytes) => Buffer.alloc(bytes.length)),
  'a bit flipped': async (path) =>
    anew(path, (bytes) => {
      const middle = bytes.length >> 1;
      if (bytes.length > 0) bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      return bytes;
    }),
};

async function anew(path: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  const bytes = change(await readFile(path));
  await unlink(path);
  await writeFile(path, bytes);
}

const VIEWS = [
  '/history',
  '/metrics',
  '/metrics?by=step',
  '/metrics?by=step&after_step=3',
  '/checkpoints',
  '/checkpoints/best',
  '/checkpoints/latest',
  '/checkpoints/best/model',
  '/checkpoints/latest/model',
  '/manifest',
];

let service: Service;
let recorded: string;
beforeAll(async () => {
  service = await startService();
  recorded = await mkdtemp(join(tmpdir(), 'epochd-damaged-'));
});
afterAll(async () => {
  await service.stop();
  await rm(recorded, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(path: string, method: 'GET' | 'DELETE' = 'GET'): Promise<Answer> {
  try {
    const { statusCode, rawPayload } = await service.app.inject({ method, url: `/v1/jobs${path}` });
    // When a checkpoint of version 0.1.0 was saved stands in its index alone.
    return { status: statusCode, body: rawPayload.toString('latin1').replaceAll(/(?<="saved_at":")[^"]*/g, '') };
  } catch (error) {
    // The download broke off: a client sees that.
    return { status: 0, body: (error as Error).message };
  }
}

const answersOf = async (id: string): Promise<Answer[]> => {
  const answers: Answer[] = [];
  for (const view of VIEWS) answers.push(await ask(`/${id}${view}`));
  return answers;
};

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** What is wrong with what is told of a run one of whose files was damaged; nothing, if all is well. */
async function faultsOf(id: string, before: { job: string; answers: readonly Answer[] }, file: string, isTold: boolean): Promise<string[]> {
  const faults: string[] = [];
  const job = await ask(`/${id}`);
  const { state, error } = JSON.parse(job.body) as { state: string; error: { message: string } | null };
  if (job.status !== 200) faults.push(`the job: ${job.status} ${job.body}`);
  else if (state === 'damaged') {
    if (!/\brun\.json|runs\/job_\w+\/(?:claims|state)\/|spec\.json/.test(error?.message ?? ''))
      faults.push(`the job is damaged by ${error?.message}`);
  } else if (isTold && job.body !== before.job) faults.push(`the job is ${job.body}, not ${before.job}`);
  for (const [index, answer] of (await answersOf(id)).entries()) {
    const expected = before.answers[index] as Answer;
    if (answer.status === expected.status && (!isTold || answer.body === expected.body)) continue;
    const isProblem = answer.status >= 400 && /"code":"(?!internal_error)/.test(answer.body);
    if (!isProblem && answer.status !== 0) faults.push(`${VIEWS[index]}: ${answer.status} ${answer.body.slice(0, 300)}`);
  }
  return faults.map((fault) => `${file}: ${fault}`);
}

async function othersOf(id: string): Promise<string[]> {
  const list = await ask('');
  if (list.status !== 200) return [`the list: ${list.status}`];
  const jobs = (JSON.parse(list.body) as { data: { id: string; state: string }[] }).data;
  const others = jobs.filter((job) => job.id !== id).map(({ id: other, state }) => `${other} ${state}`);
  return jobs.length === others.length ? ['the damaged one is not listed'] : others;
}

/** Every file of the run in `recorded`, put back before each. */
async function harm(id: string, how: string, isTold: (file: string) => boolean): Promise<string[]> {
  const kept = join(recorded, id);
  const place = join(service.dataDir, 'runs', id);
  const putBack = async (): Promise<void> => {
    await rm(place, { recursive: true, force: true });
    await cp(kept, place, { recursive: true });
  };
  await putBack();
  const before = { job: (await ask(`/${id}`)).body, answers: await answersOf(id) };
  const others = await othersOf(id);
  const faults: string[] = [];
  for (const file of await filesBelow(kept)) {
    await putBack();
    await DAMAGES[how]?.(join(place, file));
    faults.push(...(await faultsOf(id, before, file, isTold(file))));
    const now = await othersOf(id);
    if (now.join() !== others.join()) faults.push(`${file}: others are ${now.join()}`);
    const gone = await ask(`/${id}`, 'DELETE');
    if (gone.status !== 204) faults.push(`${file}: DELETE ${gone.status} ${gone.body}`);
    else if (existsSync(place) && (await filesBelow(place)).length > 0) faults.push(`${file}: left ${(await filesBelow(place)).join()}`);
  }
  return faults;
}

describe('one damaged file of a run harms that run alone: what is told of it is true, or a problem, and it can be deleted', () => {
  let ended: string;
  beforeAll(async () => {
    const { runs, dataDir } = service;
    await runs.listUnfinished();
    await runs.create(newJobId(), await birthOf(seedSpec({ name: 'waits' })));
    ended = newJobId();
    await runs.create(
      ended,
      await birthOf(seedSpec({ training: { epochs: 3 }, model: { lstm: [{ units: 2 }], embedding: { output_dim: 2 } } })),
    );
    const training = await takeForTraining(runs, ended);
    await training.claim.writeProvenance({ engine: 'none', seed: 42 });
    for (const [loss, valLoss] of [
      [0.7, 0.6],
      [0.6, 0.5],
      [0.5, 0.55],
    ] as const)
      await training.epoch(loss, valLoss);
    await training.succeed();
    await answersOf(ended);
    await cp(join(dataDir, 'runs', ended), join(recorded, ended), { recursive: true });
  });

  test.each(Object.keys(DAMAGES))('%s', async (how) => {
    expect(await filesBelow(join(recorded, ended))).toContain('run.json');
    expect(await harm(ended, how, () => true)).toEqual([]);
  });
});

describe('the same holds for a run of version 0.1.0', () => {
  const DONE = 'job_01M8940FC5R3NWA82CPDPM0RWR';
  beforeAll(() => cp(join(GOLDEN, 'runs-0.1.0', 'runs', DONE), join(recorded, DONE), { recursive: true }));

  test.each(['removed', 'cut in half', 'a bit flipped'])('%s', async (how) => {
    // Its files have no sums, but for those of checkpoints: a bit that makes another number of a number cannot be seen.
    const isTold = (file: string): boolean => how !== 'a bit flipped' || file.includes('checkpoints/0');
    expect(await harm(DONE, how, isTold)).toEqual([]);
  });
});

test.each(Object.keys(DAMAGES))('a queued run is found when another was %s', async (how) => {
  const { runs, queue, dataDir } = service;
  for (const file of ['run.json', 'state/000001.json']) {
    const [whole, damaged] = [newJobId(), newJobId()];
    for (const id of [damaged, whole]) await runs.create(id, await birthOf(seedSpec()));
    await DAMAGES[how]?.(join(dataDir, 'runs', damaged, file));
    await reconcile(runs, queue, 'data_0', pino({ level: 'silent' }));
    expect([await queue.position(whole, 0), await queue.position(damaged, 0)]).toEqual([expect.any(Number), null]);
    await runs.remove(damaged).catch(() => undefined);
  }
});
