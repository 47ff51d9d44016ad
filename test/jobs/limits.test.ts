import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../http/service.ts';
import { SEED } from '../seed-job.ts';

const GIB = 2 ** 30;

let service: Service;
let unlimited: Service;

beforeAll(async () => {
  service = await startService({ runtime: { defaultSeconds: 1800, maxSeconds: 3600 } });
  unlimited = await startService();
});
afterAll(async () => {
  await service.stop();
  await unlimited.stop();
});

const validate = async (body: object, { app } = service) =>
  (await app.inject({ method: 'POST', url: '/v1/jobs/validate', payload: { ...SEED, ...body } })).json();
const post = (body: object) => service.app.inject({ method: 'POST', url: '/v1/jobs', payload: { ...SEED, ...body } });

describe('a service with limits on the runtime', () => {
  it('refuses a job that asks for more, and names what it asks for and what it may', async () => {
    const answer = await post({ max_runtime_seconds: 3601 });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors).toEqual([
      {
        pointer: '/max_runtime_seconds',
        detail: 'max_runtime_seconds is 3601: expected at most 3600, which EPOCHD_MAX_RUNTIME_SECONDS of this service allows',
      },
    ]);
    expect((await post({ max_runtime_seconds: 3600 })).statusCode).toBe(202);
  });

  it('tells what will be in force, and keeps the spec as it was asked for', async () => {
    expect(await validate({})).toMatchObject({ max_runtime_seconds: 1800, spec: { max_runtime_seconds: null } });
    expect(await validate({ max_runtime_seconds: 60 })).toMatchObject({ max_runtime_seconds: 60 });
    expect(await validate({}, unlimited)).toMatchObject({ max_runtime_seconds: null });
    expect((await post({})).json().spec.max_runtime_seconds).toBeNull();
  });

  it('lists them among its capabilities', async () => {
    const limitsOf = async ({ app }: Service) => (await app.inject({ url: '/v1/capabilities' })).json().limits;
    expect(await limitsOf(service)).toMatchObject({ default_runtime_seconds: 1800, max_runtime_seconds: 3600, disk_bytes: 8 * GIB });
    expect(await limitsOf(unlimited)).toMatchObject({ default_runtime_seconds: null, max_runtime_seconds: null });
  });
});

describe('a run that keeps the checkpoints of all its epochs', () => {
  const callbacks = (checkpoint: object) => ({ early_stopping: null, checkpoint: { save_best_only: false, ...checkpoint } });
  const dataset = { ...SEED.dataset, num_words: 3, maxlen: 1, validation_split: 0.9 };
  const tiny = { dataset, model: { embedding: { output_dim: 1 }, lstm: [{ units: 1 }] } };
  const training = { epochs: 10_000, batch_size: 2500, optimizer: { type: 'sgd' } };

  it('is told what it takes on disk, which grows with the square of its epochs', async () => {
    const bytes = async (epochs: number): Promise<number> =>
      (await validate({ ...tiny, training: { ...training, epochs }, callbacks: callbacks({}) })).disk_bytes;
    expect((await bytes(4000)) / (await bytes(2000))).toBeGreaterThan(3);
    // Measured: 1.5 GiB after 4,178 epochs.
    expect((await bytes(4178)) / GIB).toBeGreaterThan(1.5 / 1.3);
    expect((await bytes(4178)) / GIB).toBeLessThan(1.5 * 1.3);
  });

  it('is refused when that is too much, and told of keep_last, with which it passes', async () => {
    const { valid, errors } = await validate({ ...tiny, training, callbacks: callbacks({}) });
    expect(valid).toBe(false);
    expect(errors).toEqual([
      {
        pointer: '/callbacks/checkpoint/keep_last',
        detail: expect.stringMatching(/\d GiB on disk: expected at most 8\.0 GiB; .*keep_last/),
      },
    ]);
    const kept = await validate({ ...tiny, training, callbacks: callbacks({ keep_last: 10 }) });
    expect(kept).toMatchObject({ valid: true, spec: { callbacks: { checkpoint: { keep_last: 10 } } } });
    expect(kept.disk_bytes).toBeLessThan(GIB);
  });

  it('may not say keep_last when only the best are kept', async () => {
    const { errors } = await validate({ callbacks: { checkpoint: { keep_last: 3 } } });
    expect(errors).toMatchObject([{ pointer: '/callbacks/checkpoint/keep_last', detail: expect.stringContaining('save_best_only') }]);
  });

  it('has the same spec as ever when it does not say keep_last', async () => {
    expect((await validate({})).spec.callbacks.checkpoint).toEqual({ monitor: 'val_loss', save_best_only: true });
  });
});
