import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';
import { takeForTraining } from '../trained-run.ts';

let service: Service;
let trained: string;

const submit = async (): Promise<string> => (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: SEED })).json().id;
const get = (id: string, path: string, headers: Record<string, string> = {}) =>
  service.app.inject({ url: `/v1/jobs/${id}/${path}`, headers });

beforeAll(async () => {
  service = await startService();
  trained = await submit();
  const training = await takeForTraining(service.runs, trained);
  await training.epoch(0.7, 0.65);
  await training.epoch(0.6, 0.55);
  await training.epoch(0.5, 0.6);
});
afterAll(() => service.stop());

describe('the model', () => {
  const model = (headers: Record<string, string> = {}, query = '') => get(trained, `checkpoints/best/model${query}`, headers);

  it('is an archive with the weights of that checkpoint, the same bytes each time', async () => {
    const response = await model();
    expect(response.headers).toMatchObject({ 'content-type': 'application/zip', 'accept-ranges': 'bytes' });
    expect(response.headers['content-disposition']).toContain(`${trained}-best-tfjs.zip`);
    const files = unzipSync(response.rawPayload);
    expect(Object.keys(files)).toEqual(['model.json', 'weights.bin']);
    const weights = new Float32Array(files['weights.bin']?.slice().buffer ?? new ArrayBuffer(0));
    expect(weights).toHaveLength(8809);
    expect(weights.every((weight) => weight === Math.fround(0.2))).toBe(true);
    expect((await model()).rawPayload.equals(response.rawPayload)).toBe(true);
  });

  it.each([
    ['bytes=0-99', 0, 100],
    ['bytes=100-', 100, undefined],
    ['bytes=-50', -50, undefined],
    ['bytes=10-99999999', 10, undefined],
  ])('comes in parts: %s', async (range, start, end) => {
    const whole = (await model()).rawPayload;
    const part = await model({ range });
    expect(part.statusCode).toBe(206);
    expect(part.rawPayload.equals(whole.subarray(start, end))).toBe(true);
    const first = start < 0 ? whole.length + start : start;
    expect(part.headers['content-range']).toBe(`bytes ${first}-${first + part.rawPayload.length - 1}/${whole.length}`);
  });

  it('comes whole when the range is none, or of another version', async () => {
    for (const headers of [
      { range: 'bytes=5-2' },
      { range: 'lines=1-2' },
      { range: 'bytes=0-1,5-6' },
      { range: 'bytes=0-9', 'if-range': '"old"' },
    ]) {
      expect((await model(headers as Record<string, string>)).statusCode).toBe(200);
    }
    const etag = String((await model()).headers.etag);
    expect((await model({ range: 'bytes=0-9', 'if-range': etag })).statusCode).toBe(206);
  });

  it('is described whole by HEAD, whatever the range', async () => {
    const whole = await model();
    for (const range of ['bytes=0-9', 'bytes=99999999-']) {
      const head = await service.app.inject({ method: 'HEAD', url: `/v1/jobs/${trained}/checkpoints/best/model`, headers: { range } });
      expect([head.statusCode, head.headers['content-length']]).toEqual([200, String(whole.rawPayload.length)]);
    }
  });

  it('refuses a range beyond its end', async () => {
    const response = await model({ range: 'bytes=99999999-' });
    expect([response.statusCode, response.json().code]).toEqual([416, 'range_not_satisfiable']);
    expect(response.headers['content-range']).toMatch(/^bytes \*\/\d+$/);
  });

  it('names the formats that there are', async () => {
    const response = await model({}, '?format=h5');
    expect(response.statusCode).toBe(422);
    expect(response.json().errors).toEqual([{ pointer: '/format', detail: 'expected one of "tfjs", got "h5"' }]);
    expect((await model({ accept: 'application/problem+json' })).statusCode).toBe(200);
  });

  it('is refused by name when its files are damaged', async () => {
    const id = await submit();
    await (await takeForTraining(service.runs, id)).epoch(0.5, 0.5);
    const file = join(service.dataDir, 'runs', id, 'claims/0001/checkpoints/0000000002.ckpt');
    await writeFile(file, 'x');
    const response = await get(id, 'checkpoints/best/model');
    expect([response.statusCode, response.json().code]).toEqual([500, 'checkpoint_damaged']);
    await rm(file);
    expect((await get(id, 'checkpoints/best/model')).json().code).toBe('checkpoint_damaged');
  });

  it('is not looked at again for HEAD, 304 or a byte of it once its sums are known, also not by another process', async () => {
    const { id, file } = await endedRun();
    const whole = await get(id, 'checkpoints/latest/model');
    await damageMiddle(file);
    const { etag, 'content-length': length } = whole.headers;
    const other = await startService({ dataDir: service.dataDir });
    for (const { app } of [service, other]) {
      const ask = (method: 'GET' | 'HEAD', headers: Record<string, string> = {}) =>
        app.inject({ method, url: `/v1/jobs/${id}/checkpoints/latest/model`, headers });
      expect((await ask('HEAD')).headers).toMatchObject({ etag, 'content-length': length });
      expect((await ask('GET', { 'if-none-match': String(etag) })).statusCode).toBe(304);
      const byte = await ask('GET', { range: 'bytes=0-0' });
      expect([byte.statusCode, byte.body]).toEqual([206, 'P']);
    }
    await other.app.close();
    await other.queue.close();
    await other.redis.stop();
  });

  it('does not end when its weights were damaged after their sums were found', async () => {
    const { id, file } = await endedRun();
    const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
    const path = `${url}/v1/jobs/${id}/checkpoints/latest/model`;
    expect((await (await fetch(path)).arrayBuffer()).byteLength).toBeGreaterThan(35_000);
    await damageMiddle(file);
    await expect((async () => (await fetch(path)).arrayBuffer())()).rejects.toThrow('terminated');
  });

  it('leaves nothing behind when its job is deleted', async () => {
    const { id } = await endedRun();
    expect((await get(id, 'checkpoints/latest/model')).statusCode).toBe(200);
    expect((await service.app.inject({ method: 'DELETE', url: `/v1/jobs/${id}` })).statusCode).toBe(204);
    expect((await readdir(join(service.dataDir, 'runs'))).filter((name) => name === id)).toEqual([]);
  });

  /** One of a single epoch, and the file of its checkpoint. */
  async function endedRun(): Promise<{ id: string; file: string }> {
    const id = await submit();
    const training = await takeForTraining(service.runs, id);
    await training.epoch(0.5, 0.5);
    await training.succeed();
    return { id, file: join(service.dataDir, 'runs', id, 'claims/0001/checkpoints/0000000002.ckpt') };
  }

  /** Most of a checkpoint are its weights. */
  async function damageMiddle(file: string): Promise<void> {
    const bytes = await readFile(file);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeFile(file, bytes);
  }
});
