import { cp, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { temporaryFolder } from '../folders.ts';
import { GOLDEN } from '../golden.ts';
import { type Service, startService } from '../http/service.ts';
import { openRig } from '../rig/rig.ts';
import { resultOf, untilEnded } from '../rig/trained.ts';

/* Run directories as version 0.1.0 wrote them: golden/runs-0.1.0/README.md */

const RECORDED = join(GOLDEN, 'runs-0.1.0');
const DONE = 'job_01M8940FC5R3NWA82CPDPM0RWR';
const FAILED = 'job_01M8940TK8P1TWCJBSNPJJMSGK';
/** Its worker and its trainer were killed in the fifth epoch of forty. */
const CUT = 'job_01M89413MPDD3C2WHPFZQ3CF0Y';

async function recorded(): Promise<string> {
  const dataDir = temporaryFolder();
  await cp(join(RECORDED, 'runs'), join(dataDir, 'runs'), { recursive: true });
  return dataDir;
}

interface Undisturbed {
  readonly history: Record<string, number[]>;
  readonly checkpoints: readonly { readonly which: string; readonly step: number; readonly sha256: string }[];
}

const undisturbed = async (): Promise<Undisturbed> => JSON.parse(await readFile(join(RECORDED, 'undisturbed.json'), 'utf8')) as Undisturbed;

async function reading(dataDir: string, look: (service: Service) => Promise<void>): Promise<void> {
  const service = await startService({ dataDir });
  try {
    await look(service);
  } finally {
    await service.stop();
  }
}

const get = async ({ app }: Service, path: string) => app.inject({ url: `/v1/jobs${path}` });

describe('a data folder of version 0.1.0', () => {
  test('is listed and read: jobs, history, points, checkpoints, models, manifests', async () => {
    await reading(await recorded(), async (service) => {
      const { data } = (await get(service, '')).json();
      expect(data.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
        [CUT, 'running'],
        [FAILED, 'failed'],
        [DONE, 'succeeded'],
      ]);
      expect((await get(service, '?metadata[kind]=fixture&state=succeeded')).json().data).toHaveLength(1);
      expect((await get(service, `/${DONE}`)).json()).toMatchObject({
        name: 'recorded',
        progress: { epoch: 4, epochs: 4, step: 125, steps_per_epoch: 125, fraction: 1 },
        best: { epoch: 4, monitor: 'val_loss' },
      });
      expect((await get(service, `/${DONE}/history`)).json().epoch).toEqual([1, 2, 3, 4]);
      const { points } = (await get(service, `/${DONE}/metrics?by=step`)).json();
      expect(points.length).toBe(200);
      expect(
        (await get(service, `/${DONE}/metrics?by=step&after_step=495`)).json().points.map(({ step }: { step: number }) => step),
      ).toEqual([498, 500]);
      const manifest = JSON.parse(await readFile(join(RECORDED, 'runs', DONE, 'claims/0001/manifest.json'), 'utf8'));
      expect((await get(service, `/${DONE}/manifest`)).json()).toEqual(manifest);
      const index = JSON.parse(await readFile(join(RECORDED, 'runs', DONE, 'claims/0001/checkpoints/index.json'), 'utf8'));
      const [best] = (await get(service, `/${DONE}/checkpoints`)).json().data;
      expect(best).toMatchObject({ step: index.best.step, sha256: index.best.sha256, size: index.best.size, saved_at: index.best.savedAt });
      expect((await get(service, `/${DONE}/checkpoints/best/model`)).statusCode).toBe(200);
      expect((await get(service, `/${DONE}/curves.svg`)).body).toContain('<svg');
    });
  });

  test('shows the whole history of a run whose files a power cut emptied after its end', async () => {
    const dataDir = await recorded();
    const claim = join(dataDir, 'runs', DONE, 'claims/0001');
    for (const file of ['history.jsonl', 'metrics.jsonl', 'progress.json', 'checkpoints/index.json']) await truncate(join(claim, file), 0);
    await reading(dataDir, async (service) => {
      expect((await get(service, `/${DONE}`)).json()).toMatchObject({ state: 'succeeded', best: { epoch: 4 } });
      expect((await get(service, `/${DONE}/history`)).json().epoch).toEqual([1, 2, 3, 4]);
      expect((await get(service, `/${DONE}/checkpoints/latest/model`)).statusCode).toBe(200);
    });
  });

  test('has runs that can be deleted, retried and cancelled', async () => {
    await reading(await recorded(), async (service) => {
      const act = async (method: 'POST' | 'DELETE', path: string) =>
        (await service.app.inject({ method, url: `/v1/jobs/${path}` })).statusCode;
      expect([await act('DELETE', DONE), (await get(service, `/${DONE}`)).statusCode]).toEqual([204, 404]);
      expect([await act('POST', `${FAILED}/retry`), (await get(service, `/${FAILED}`)).json().state]).toEqual([202, 'queued']);
      expect([await act('DELETE', CUT), await act('POST', `${CUT}/cancel`)]).toEqual([409, 202]);
    });
  });

  test.skipIf(notBuilt)('has a run that goes on where it was cut off, to the bits of one that was never disturbed', async () => {
    const rig = await openRig(await recorded());
    await rig.startWorker({ reconcileMs: 200, env: { NODE_OPTIONS: '' } });
    const run = await untilEnded(rig, CUT);
    expect(run.record).toMatchObject({ state: 'succeeded', claim: 2 });
    const { checkpoints, history } = await undisturbed();
    const [best, latest] = checkpoints.map(({ step, sha256 }) => [step, sha256]);
    expect(await resultOf(rig, CUT)).toMatchObject({
      best: expect.arrayContaining(best ?? []),
      latest: expect.arrayContaining(latest ?? []),
    });
    expect((await rig.runs.readHistory(CUT)).map(({ logs }) => logs['val_loss'])).toEqual(history['val_loss']);
    expect(await rig.runs.readProvenance(CUT)).toMatchObject({ bit_identical: true, resumed_from_step: 500 });
  });
});
