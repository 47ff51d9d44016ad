import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isTerminal } from '../../src/contract/job.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { openRuns } from '../../src/runs/store.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { notBuilt } from '../built.ts';
import { type DataDir, type ServedService, serve, submit, temporaryDataDir, untilJob } from '../epochd.ts';
import { freeze, membersOfGroup, signalGroup, signalOne, trainersOf, workersOf } from '../processes.ts';
import { ENDLESS, SMALL } from '../small-jobs.ts';
import { until } from '../until.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe.skipIf(notBuilt)('the worker of serve', () => {
  let dataDir: DataDir;
  let service: ServedService;

  /** Leads a group, as what is started at a terminal does. */
  beforeEach(async () => {
    dataDir = await temporaryDataDir();
    service = await serve(dataDir.path, {}, 'serve', undefined, { detached: true });
  });

  afterEach(async () => {
    const pid = service.process.pid ?? 0;
    signalGroup(pid, 'SIGKILL');
    await until(() => membersOfGroup(pid).length === 0, 'nothing of the service is left');
    await dataDir.remove();
  });

  const pid = (): number => service.process.pid ?? 0;
  const worker = (): number => workersOf(pid())[0] ?? 0;

  const recordOf = async (id: string): Promise<RunRecord> => openRuns(await openFolder(dataDir.path)).readRecord(id);

  async function trains(spec: object): Promise<string> {
    const id = await submit(service, spec);
    await untilJob(service.client, id, ({ progress }) => (progress?.step ?? 0) > 0);
    return id;
  }

  test('is a process of its own: a service that stands still keeps no training from its end', async () => {
    const id = await trains(SMALL);
    await freeze(pid());
    await until(async () => isTerminal((await recordOf(id)).state), 'the run has ended');
    expect((await recordOf(id)).transitions.map(({ reason }) => reason)).toEqual(['submitted', 'claimed', 'completed']);
    signalOne(pid(), 'SIGCONT');
    expect((await service.client.get(id)).state).toBe('succeeded');
  });

  test('is started again when it dies, and takes its runs up; meanwhile everyone may read', async () => {
    const id = await trains(SMALL);
    const first = worker();
    signalOne(first, 'SIGKILL');
    await until(() => service.said.stderr.includes('it is started again'), 'the service has noticed');
    expect((await service.client.get(id)).id).toBe(id);
    await until(() => worker() !== first && worker() !== 0, 'there is another worker');
    expect(await untilJob(service.client, id, (job) => job.is_terminal)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  test('hands its training over when the service is killed, and ends', async () => {
    const id = await trains(ENDLESS);
    expect(trainersOf(worker())).toHaveLength(1);
    signalOne(pid(), 'SIGKILL');
    await until(() => membersOfGroup(pid()).length === 0, 'nothing of the service is left');
    expect((await recordOf(id)).reason).toBe('handed_over');
  });

  test('gets the Ctrl-C of a terminal with the service, which waits for it: nothing stays behind, and no attempt is spent', async () => {
    const id = await trains(ENDLESS);
    const ended = new Promise((resolve) => service.process.once('close', resolve));
    signalGroup(pid(), 'SIGINT');
    expect(await ended).toBe(0);
    expect(membersOfGroup(pid())).toEqual([]);
    expect(await recordOf(id)).toMatchObject({ reason: 'handed_over', attempt: 0 });
    expect(service.said.stderr).not.toContain('it is started again');
  });

  test('ends at once with the service at the second signal, even if it does not answer', async () => {
    await trains(ENDLESS);
    await freeze(worker());
    signalOne(pid(), 'SIGTERM');
    await until(() => service.said.stderr.includes('shutting down'), 'the service ends');
    await sleep(100);
    const ended = new Promise((resolve) => service.process.once('exit', resolve));
    signalOne(pid(), 'SIGTERM');
    expect(await ended).toBe(1);
    await until(() => membersOfGroup(pid()).length === 0, 'nothing of the service is left');
  });
});
