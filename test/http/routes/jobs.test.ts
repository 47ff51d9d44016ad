import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Job, jobSchema } from '../../../src/contract/job.ts';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';
import { takeForTraining } from '../trained-run.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const submit = async (changes: object = {}): Promise<Job> =>
  (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: { ...SEED, ...changes } })).json();
const act = (id: string, action: string) => service.app.inject({ method: 'POST', url: `/v1/jobs/${id}/${action}` });
const get = async (url: string) => (await service.app.inject({ url })).json();

describe('a job', () => {
  it('is accepted with 202, its place, all defaults and its place in the queue', async () => {
    const response = await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED });
    expect(response.statusCode).toBe(202);
    const job = jobSchema.parse(response.json());
    expect(response.headers.location).toBe(`/v1/jobs/${job.id}`);
    expect(job).toMatchObject({ state: 'queued', is_terminal: false, state_reason: 'submitted', revision: 1, queue_position: 1 });
    expect(job.spec?.training.epochs).toBe(10);
    expect(await get(`/v1/jobs/${job.id}`)).toMatchObject({ id: job.id, spec: job.spec });
    for (const [name, link] of Object.entries(job.links)) {
      const { statusCode } = await service.app.inject({ url: link });
      expect(statusCode, name).toBe({ cancel: 405, retry: 405, manifest: 409, model: 409 }[name] ?? 200);
    }
  });

  it('shows its progress, its best epoch and its times while it is trained', async () => {
    const { id } = await submit({ training: { epochs: 4 } });
    const training = await takeForTraining(service.runs, id);
    await training.epoch(0.7, 0.6);
    await training.epoch(0.6, 0.65);
    const job = jobSchema.parse(await get(`/v1/jobs/${id}`));
    expect(job).toMatchObject({
      state: 'running',
      phase: 'training',
      attempt: 1,
      queue_position: null,
      progress: { epoch: 2, epochs: 4, step: 313, steps_per_epoch: 313, fraction: 0.5 },
      metrics: { loss: 0.6, val_loss: 0.65 },
      best: { epoch: 1, monitor: 'val_loss', value: 0.6 },
      error: null,
    });
    expect(job.started_at).not.toBeNull();
    expect(job.durations.total).toBeCloseTo(job.durations.queued + job.durations.running, 6);
    await training.succeed('early_stopped');
    expect(await get(`/v1/jobs/${id}`)).toMatchObject({
      state: 'succeeded',
      is_terminal: true,
      state_reason: 'early_stopped',
      phase: null,
      progress: { fraction: 1 },
    });
  });

  it('is cancelled with 202, and with 200 when it is so already', async () => {
    const { id } = await submit();
    const first = await act(id, 'cancel');
    expect([first.statusCode, first.json().state]).toEqual([202, 'cancelled']);
    const second = await act(id, 'cancel');
    expect([second.statusCode, second.json().revision]).toEqual([200, first.json().revision]);
    await expect.poll(() => service.queue.position(id, 0)).toBeNull();
  });

  it('is cancelling while its trainer still has it', async () => {
    const { id } = await submit();
    await takeForTraining(service.runs, id);
    const response = await act(id, 'cancel');
    expect([response.statusCode, response.json().state]).toEqual([202, 'cancelling']);
    expect((await act(id, 'retry')).statusCode).toBe(409);
  });

  it('is retried after a cancel, not after success', async () => {
    const { id } = await submit();
    await act(id, 'cancel');
    const retried = await act(id, 'retry');
    expect([retried.statusCode, retried.json().state]).toEqual([202, 'queued']);
    expect(retried.json().queue_position).toBeGreaterThan(0);
    expect((await act(id, 'retry')).statusCode).toBe(200);
    await (await takeForTraining(service.runs, id)).claim.writeProvenance({ id });
    await service.runs.end(id, 1, { type: 'finished', reason: 'completed' }, 0);
    const refused = await act(id, 'retry');
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'wrong_state']);
    expect((await act(id, 'cancel')).statusCode).toBe(409);
  });

  it('is deleted only after its end', async () => {
    const { id } = await submit();
    const remove = () => service.app.inject({ method: 'DELETE', url: `/v1/jobs/${id}` });
    expect((await remove()).statusCode).toBe(409);
    await act(id, 'cancel');
    const response = await remove();
    expect([response.statusCode, response.body]).toEqual([204, '']);
    expect((await remove()).statusCode).toBe(404);
    expect((await get(`/v1/jobs/${id}`)).code).toBe('job_not_found');
  });

  it.each(['job_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'nonsense', '..%2F..%2Fetc', 'job_%00', '%2e%2e'])(
    'is 404 when there is none: %s',
    async (id) => {
      const response = await service.app.inject({ url: `/v1/jobs/${id}` });
      expect(response.statusCode).toBe(404);
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    },
  );
});
