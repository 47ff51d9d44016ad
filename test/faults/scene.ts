import type { Chance } from './chance.ts';
import type { Fleet } from './fleet.ts';
import type { Kind } from './kinds.ts';
import type { Known, Ledger } from './ledger.ts';
import type { Report } from './report.ts';
import { type Answer, ask, type Request } from './request.ts';

/** What clients work with. */
export interface Scene {
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  readonly report: Report;
  readonly kinds: readonly Kind[];
  /** Whether they still come with something new. */
  readonly isOpen: () => boolean;
}

const PAUSE_MS = 700;
const MAX_TRIES = 100;

/** Asks any of the APIs. */
export const askAny = ({ fleet, report }: Scene, chance: Chance, request: Request): Promise<Answer> =>
  ask(chance.pick(fleet.apis), request, report);

/** Asks until somebody answers something else than "not now". */
export async function insist(scene: Scene, chance: Chance, request: Request): Promise<Answer> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const answer = await askAny(scene, chance, request);
    if (answer.status > 0 && answer.status < 500) return answer;
    await pause(PAUSE_MS);
  }
  scene.report.violate(`${request.method} ${request.path} was never answered but with "not now"`);
  return { status: 0, body: null, revision: null };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Jobs that nobody deletes. */
export const present = ({ ledger }: Scene): Known[] => ledger.jobs.filter(({ deletion }) => deletion === 'none');

export const questionOf = (job: Known, wait = 0): Request => ({
  operation: 'getJob',
  method: 'GET',
  path: `/v1/jobs/${job.id}${wait > 0 ? `?wait=${wait}` : ''}`,
});

export const historyOf = (job: Known): Request => ({ operation: 'getHistory', method: 'GET', path: `/v1/jobs/${job.id}/history` });
