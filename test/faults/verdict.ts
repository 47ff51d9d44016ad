import { isTerminal, type Job } from '../../src/contract/job.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { resultOf } from '../rig/trained.ts';
import { settleAll } from '../runs/settle-all.ts';
import { until } from '../until.ts';
import type { Fleet } from './fleet.ts';
import type { Known } from './ledger.ts';
import type { Report } from './report.ts';
import { ask } from './request.ts';
import { historyOf, questionOf, type Scene } from './scene.ts';

const SETTLING_MS = 120_000;
/** A trainer whose worker is gone ends by itself; that of a worker that closes is waited for. */
const LAST_BREATH_MS = 10_000;

/** A job that has ended has done so once for each time that it was begun, for a reason, and with the bits of an undisturbed run. */
export async function checkEnd({ fleet, report }: Scene, job: Known): Promise<void> {
  const run = await fleet.runs.read(job.id);
  const { state, reason, error, transitions, retries } = run.record;
  if (!isTerminal(state)) return report.violate(`${job.id} has not ended: ${JSON.stringify(transitions.slice(-6))}`);
  const broken = (what: string): void =>
    report.violate(`${job.id} ${what}: ${state} (${reason}, ${error?.message}), ${JSON.stringify(transitions.slice(-6))}`);
  const ends = transitions.filter(({ to }) => isTerminal(to)).length;
  if (ends !== retries + 1) broken(`ended ${ends} times and was retried ${retries} times`);
  if (transitions.some(({ from }, n) => from !== (transitions[n - 1]?.to ?? null))) broken('has a gap in its transitions');
  if (state === 'failed') broken('failed');
  if (state === 'cancelled' && job.cancel === 'none') broken('was cancelled by nobody');
  if (state === 'succeeded' && job.cancel === 'acknowledged') broken('went on after its cancel was acknowledged');
  if (state === 'succeeded' && JSON.stringify(await resultOf(fleet, run.id)) !== JSON.stringify(job.kind.result))
    broken('has other bits than an undisturbed run');
}

/** Waits until everything has come to rest, and looks at all of it. */
export async function checkAll(scene: Scene): Promise<void> {
  const { fleet, ledger, report } = scene;
  const jobs = ledger.jobs.filter(({ deletion }) => deletion !== 'done');
  const hasEnded = async ({ id }: Known): Promise<boolean> => isTerminal((await fleet.runs.readRecord(id)).state);
  const haveEnded = async (): Promise<boolean> => (await Promise.all(jobs.map(hasEnded))).every(Boolean);
  await until(haveEnded, 'every job has ended', SETTLING_MS).catch((error: Error) => report.violate(error.message));
  for (const job of jobs) {
    try {
      for (const api of fleet.apis) {
        await ledger.look(job, () => ask(api, questionOf(job), report));
        await ledger.lookAtHistory(job, () => ask(api, historyOf(job), report));
      }
      await checkEnd(scene, job);
    } catch (error) {
      report.violate(`${job.id} (${job.key}): ${(error as Error).message}`);
    }
  }
  await checkList(scene);
  await checkQueue(scene);
  await checkLeftovers(scene);
}

/** What processes left when they were killed is gone an hour later. */
async function checkLeftovers({ fleet, ledger, report, kinds }: Scene): Promise<void> {
  const blobs = await openFolder(fleet.dataDir);
  await settleAll(blobs);
  const markers = await blobs.children('unfinished');
  if (markers.length > 0) report.violate(`markers are left: ${markers.join()}`);
  const there = (await blobs.children('runs')).length;
  const expected = kinds.length + ledger.jobs.filter(({ deletion }) => deletion !== 'done').length;
  if (there !== expected) report.violate(`${there} folders of runs are there, expected ${expected}`);
}

/** Each key is one job, and there is no other. */
async function checkList({ fleet, ledger, report, kinds }: Scene): Promise<void> {
  const listed: Job[] = [];
  for (let path: string | null = '/v1/jobs?limit=100'; path !== null; ) {
    const { body } = await ask(fleet.apis[0]!, { operation: 'listJobs', method: 'GET', path }, report);
    const { data, next_cursor } = body as { data: Job[]; next_cursor: string | null };
    listed.push(...data);
    path = next_cursor === null ? null : `/v1/jobs?limit=100&cursor=${encodeURIComponent(next_cursor)}`;
  }
  const undisturbed = kinds.length;
  const expected = ledger.jobs.flatMap(({ id, deletion }) => (deletion === 'done' ? [] : [id]));
  const unknown = listed.filter(({ metadata, id }) => metadata['key'] !== undefined && !expected.includes(id));
  for (const { id, metadata, state } of unknown) report.violate(`${id} (${metadata['key']}) is ${state}, and no client was told of it`);
  if (listed.length !== undisturbed + expected.length)
    report.violate(`${listed.length} jobs are listed, expected ${undisturbed} + ${expected.length}`);
}

async function checkQueue({ fleet, report }: Scene): Promise<void> {
  let depth: unknown;
  const isEmpty = async (): Promise<boolean> => {
    depth = (await ask(fleet.apis[0]!, { operation: 'getQueue', method: 'GET', path: '/v1/queue' }, report)).body;
    return JSON.stringify(depth) === '{"waiting":0,"delayed":0,"running":0}';
  };
  await until(isEmpty, 'the queue is empty', SETTLING_MS).catch((error: Error) =>
    report.violate(`${error.message}: ${JSON.stringify(depth)}`),
  );
}

/** Everyone goes when asked to, and nobody is left. */
export async function checkGoodbye({ apis, workers }: Fleet, report: Report): Promise<void> {
  const members = [...apis, ...workers];
  await Promise.all(
    members.map((member) =>
      member.disturb(async () => {
        const how = await member.end('SIGTERM');
        if (how !== 0) report.violate(`${member.name} ended with ${how} after SIGTERM:\n${member.log().slice(-2000)}`);
      }),
    ),
  );
  const left = (): number[] => members.flatMap((member) => member.remains());
  await until(() => left().length === 0, 'every trainer is gone', LAST_BREATH_MS).catch(() =>
    report.violate(`processes are left: ${left().join()}`),
  );
}
