import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/contract/canonical-json.ts';
import { openIdempotencyKeys } from '../../src/jobs/idempotency.ts';
import { openFolder } from '../../src/storage/folder.ts';
import { birthOf } from '../births.ts';
import { type Service, startService } from '../http/service.ts';
import { newJobId, seedSpec } from '../seed-job.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const keysAfter = async (hours: number) => openIdempotencyKeys(await openFolder(service.dataDir), { now: async () => hours });

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const post = (key: string, payload: object = { dataset: { source: 'imdb-mini' } }) =>
  service.app.inject({ method: 'POST', url: '/v1/jobs', headers: { 'idempotency-key': key }, payload });
const countJobs = async (): Promise<number> => (await service.runs.list()).length;

/** What a process that was killed leaves behind. */
async function leaveReservation(key: string, id: string, at: Date): Promise<void> {
  const folder = join(service.dataDir, 'idempotency', sha256(key));
  await mkdir(folder, { recursive: true });
  const reservation = { id, fingerprint: sha256(canonicalJson(seedSpec())), at: at.toISOString(), response: null };
  await writeFile(join(folder, '000001.json'), JSON.stringify(reservation));
}

describe('Idempotency-Key', () => {
  it.each([25, -25])('means the same job to an API whose clock is off by %d hours', async (hours) => {
    const key = `clock-${hours}`;
    const first = await post(key);
    const elsewhere = openIdempotencyKeys(service.blobs, undefined, () => Date.now() + hours * 3_600_000);
    const fingerprint = sha256(canonicalJson(seedSpec()));
    const again = await elsewhere.once(key, fingerprint, newJobId, () => Promise.reject(new Error('the work is done already')));
    expect([again.job.id, again.replayed]).toEqual([first.json().id, true]);
    await elsewhere.sweep();
    expect((await post(key)).headers['idempotent-replayed']).toBe('true');
  });

  it('gives the first answer again, whatever became of the job', async () => {
    const first = await post('again');
    await service.app.inject({ method: 'POST', url: `/v1/jobs/${first.json().id}/cancel` });
    const second = await post('again', { name: 'imdb-lstm', dataset: { source: 'imdb-mini', maxlen: 100 } });
    expect([second.statusCode, second.body, second.headers.location]).toEqual([202, first.body, first.headers.location]);
    expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([undefined, 'true']);
  });

  it('makes one job of twenty requests at the same time', async () => {
    const before = await countJobs();
    const responses = await Promise.all(Array.from({ length: 20 }, () => post('storm')));
    expect(await countJobs()).toBe(before + 1);
    const accepted = responses.filter(({ statusCode }) => statusCode === 202);
    expect(accepted.length).toBeGreaterThan(0);
    expect(new Set(accepted.map((response) => response.json().id)).size).toBe(1);
    for (const response of responses.filter(({ statusCode }) => statusCode !== 202)) {
      expect([response.statusCode, response.json().code, response.headers['retry-after']]).toEqual([409, 'idempotency_conflict', '2']);
    }
    expect((await post('storm')).json().id).toBe(accepted[0]?.json().id);
  });

  it('refuses another body with 422', async () => {
    await post('other');
    const response = await post('other', { dataset: { source: 'imdb-mini' }, priority: 5 });
    expect([response.statusCode, response.json().code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('does not remember a spec that was refused', async () => {
    expect((await post('typo', { dataset: { source: 'imdb-mni' } })).statusCode).toBe(422);
    expect((await post('typo')).statusCode).toBe(202);
  });

  it.each(['', 'two words', 'x'.repeat(256), 'ümlaut'])('refuses a key that is none: %j', async (key) => {
    const response = await post(key);
    expect([response.statusCode, response.json().errors[0].pointer]).toEqual([422, '/Idempotency-Key']);
  });

  it('answers with the job of a request whose process was killed before it answered', async () => {
    const id = 'job_01ARZ3NDEKTSV4RRFFQ69G5FAV';
    await service.runs.create(id, await birthOf(seedSpec()));
    await leaveReservation('killed-late', id, new Date(Date.now() - 60_000));
    const before = await countJobs();
    const response = await post('killed-late');
    expect([response.statusCode, response.json().id]).toEqual([202, id]);
    expect(await countJobs()).toBe(before);
    expect(await service.queue.position(id, 0)).not.toBeNull();
    expect((await post('killed-late')).headers['idempotent-replayed']).toBe('true');
  });

  it('makes the job of a request whose process was killed before it made it', async () => {
    const id = 'job_01ARZ3NDEKTSV4RRFFQ69G5FAW';
    await leaveReservation('killed-early', id, new Date(Date.now() - 60_000));
    expect((await post('killed-early')).json().id).toBe(id);
  });

  it('waits for a reservation that may still be worked on', async () => {
    await leaveReservation('working', 'job_01ARZ3NDEKTSV4RRFFQ69G5FAX', new Date());
    expect((await post('working')).statusCode).toBe(409);
  });

  it('is forgotten after a day', async () => {
    const first = (await post('old')).json();
    const again = async (hours: number) =>
      (await keysAfter(hours)).once(
        'old',
        'another body',
        () => first.id,
        async () => first,
      );
    await expect(again(24)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    expect((await again(25)).replayed).toBe(false);
  });

  it('is swept away after a day, and not before', async () => {
    const folder = join(service.dataDir, 'idempotency');
    await post('swept');
    await (await keysAfter(24)).sweep();
    expect(await readdir(folder)).toContain(sha256('swept'));
    await (await keysAfter(25)).sweep();
    expect(await readdir(folder)).not.toContain(sha256('swept'));
  });
});
