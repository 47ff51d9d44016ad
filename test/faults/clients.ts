import { setTimeout as sleep } from 'node:timers/promises';
import { isTerminal } from '../../src/contract/job.ts';
import type { Chance } from './chance.ts';
import type { Known } from './ledger.ts';
import { askAny, historyOf, insist, present, questionOf, type Scene } from './scene.ts';
import { submitter } from './submitter.ts';
import { checkEnd } from './verdict.ts';

type Client = (scene: Scene, chance: Chance) => Promise<unknown>;

/** What each client does, one time after the other. */
const HABITS: readonly Client[] = [poll, poll, wait, list, cancel, cancel, retry, remove, retryAndRemove];
const SUBMITTERS = 3;
const LONGEST_WAIT_SECONDS = 5;
/** A client looks at what it submitted lately. */
const LATEST = 25;

/** Everything that clients do, until they come with nothing new; resolves when the last one has its answer. */
export async function runClients(scene: Scene, chanceOf: (client: number) => Chance): Promise<void> {
  const repeat = async (habit: Client, chance: Chance): Promise<void> => {
    while (scene.isOpen()) await habit(scene, chance);
  };
  const submitters = Array.from({ length: SUBMITTERS }, (_, n) => submitter(scene, chanceOf(n), `client-${n}`));
  await Promise.all([...submitters, ...HABITS.map((habit, n) => repeat(habit, chanceOf(SUBMITTERS + n)))]);
}

async function poll(scene: Scene, chance: Chance): Promise<void> {
  await sleep(chance.between(50, 300));
  const job = pickFrom(present(scene).slice(-LATEST), chance);
  if (!job) return;
  await scene.ledger.look(job, () => askAny(scene, chance, questionOf(job)));
  await scene.ledger.lookAtHistory(job, () => askAny(scene, chance, historyOf(job)));
}

async function wait(scene: Scene, chance: Chance): Promise<void> {
  await sleep(300);
  const seconds = chance.between(1, LONGEST_WAIT_SECONDS);
  const job = pickFrom(present(scene).filter(isAtWork), chance);
  if (job) await scene.ledger.look(job, () => askAny(scene, chance, questionOf(job, seconds)));
}

async function list(scene: Scene, chance: Chance): Promise<void> {
  await sleep(chance.between(500, 2500));
  await askAny(scene, chance, { operation: 'listJobs', method: 'GET', path: '/v1/jobs?limit=50' });
  await askAny(scene, chance, { operation: 'getQueue', method: 'GET', path: '/v1/queue' });
}

async function cancel(scene: Scene, chance: Chance): Promise<void> {
  await sleep(chance.between(1500, 6000));
  const running = chance.below(3) > 0;
  const candidates = changeable(scene).filter((job) => isAtWork(job) && job.cancel === 'none' && (job.state === 'running') === running);
  const job = pickFrom(candidates, chance);
  if (!job) return;
  await scene.ledger.change(job, async () => {
    job.cancel = 'asked';
    const { status } = await askAny(scene, chance, { operation: 'cancelJob', method: 'POST', path: `/v1/jobs/${job.id}/cancel` });
    if (status === 200 || status === 202) job.cancel = 'acknowledged';
  });
}

async function retry(scene: Scene, chance: Chance): Promise<void> {
  await sleep(chance.between(800, 3000));
  const job = pickFrom(
    changeable(scene).filter(({ ended, state }) => ended !== null && state === 'cancelled'),
    chance,
  );
  if (!job) return;
  await scene.ledger.change(job, async () => {
    const { status } = await insist(scene, chance, { operation: 'retryJob', method: 'POST', path: `/v1/jobs/${job.id}/retry` });
    if (status !== 200 && status !== 202) return scene.report.violate(`${job.id} was cancelled, its retry is answered with ${status}`);
    if (job.epochs > 0) scene.report.hit('cancel and retry');
    Object.assign(job, { ended: null, state: 'queued', cancel: 'none' });
  });
}

/** Before it goes it must be what it should be. */
async function remove(scene: Scene, chance: Chance): Promise<void> {
  await sleep(chance.between(2500, 7000));
  const job = pickFrom(
    changeable(scene).filter(({ ended }) => ended !== null),
    chance,
  );
  if (!job) return;
  await scene.ledger.change(job, async () => {
    await checkEnd(scene, job);
    job.deletion = 'asked';
    const { status } = await insist(scene, chance, { operation: 'deleteJob', method: 'DELETE', path: `/v1/jobs/${job.id}` });
    // Gone already: by a request whose answer was lost.
    if (status === 204 || status === 404) job.deletion = 'done';
    else scene.report.violate(`${job.id} has ended, its DELETE is answered with ${status}`);
  });
}

/** Both at once: one of them comes too late. */
async function retryAndRemove(scene: Scene, chance: Chance): Promise<void> {
  await sleep(chance.between(2500, 7000));
  const job = pickFrom(
    changeable(scene).filter(({ ended, state }) => ended !== null && state === 'cancelled'),
    chance,
  );
  if (!job) return;
  await scene.ledger.change(job, async () => {
    await checkEnd(scene, job);
    job.deletion = 'asked';
    const [retried, { status }] = await Promise.all([
      insist(scene, chance, { operation: 'retryJob', method: 'POST', path: `/v1/jobs/${job.id}/retry` }),
      insist(scene, chance, { operation: 'deleteJob', method: 'DELETE', path: `/v1/jobs/${job.id}` }),
    ]);
    if (status === 204 || status === 404) job.deletion = 'done';
    else if (status === 409 && retried.status !== 404)
      Object.assign(job, { deletion: 'none', ended: null, state: 'queued', cancel: 'none' });
    else scene.report.violate(`${job.id}: retry is answered with ${retried.status}, DELETE at the same time with ${status}`);
  });
}

const isAtWork = ({ state }: Known): boolean => !isTerminal(state);

/** Jobs that nobody changes at this moment: what they become is known. */
const changeable = (scene: Scene): Known[] => present(scene).filter(({ changes }) => changes % 2 === 0);

const pickFrom = (jobs: readonly Known[], chance: Chance): Known | null => (jobs.length === 0 ? null : chance.pick(jobs));
