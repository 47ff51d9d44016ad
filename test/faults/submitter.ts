import type { Job } from '../../src/contract/job.ts';
import type { Chance } from './chance.ts';
import type { Kind } from './kinds.ts';
import { type Answer, ask, type Request } from './request.ts';
import { pause, present, type Scene } from './scene.ts';

const MAX_AT_WORK = 8;
const PAUSE_MS = 700;
const MAX_TRIES = 120;

/** A client that submits jobs, each under a key of its own, and asks again with that key until it is accepted. */
export async function submitter(scene: Scene, chance: Chance, name: string): Promise<void> {
  for (let n = 0; scene.isOpen(); n++) {
    await pause(chance.between(100, 1500));
    const kind = chance.pick(scene.kinds);
    const submission = openSubmission(scene, chance, kind, `${name}-${n}`);
    if (present(scene).filter(({ ended }) => ended === null).length >= MAX_AT_WORK) continue;
    // A client that lost its patience sends the same twice, and one that has lost the answer asks for it later.
    const twice = chance.below(3) === 0;
    const later = chance.below(3) === 0;
    await Promise.all(twice ? [submission.insist(), submission.insist()] : [submission.insist()]);
    if (later) void pause(chance.between(0, 5000)).then(submission.insist);
  }
}

function openSubmission({ fleet, ledger, report }: Scene, chance: Chance, kind: Kind, key: string) {
  const body = { ...kind.spec, metadata: { key }, priority: chance.pick([1, 100, 100, 500]) };
  const request: Request = { operation: 'createJob', method: 'POST', path: '/v1/jobs', key, body };

  async function once(): Promise<Answer> {
    const api = chance.pick(fleet.apis);
    const answer = await ask(api, request, report);
    if (answer.status === 202) ledger.accepted(key, kind, answer.body as Job);
    return answer;
  }

  return {
    /** Resolves when the job is accepted. */
    async insist(): Promise<void> {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        if ((await once()).status === 202) return;
        await pause(PAUSE_MS);
      }
      report.violate(`${key} was not accepted in ${MAX_TRIES} tries`);
    },
  };
}
