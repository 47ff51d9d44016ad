import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';
import { type Training, takeForTraining } from '../trained-run.ts';

let service: Service;
let fresh: string;
let trained: string;
let training: Training;

const submit = async (changes: object = {}): Promise<string> =>
  (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: { ...SEED, ...changes } })).json().id;
const get = (id: string, path: string, headers: Record<string, string> = {}) =>
  service.app.inject({ url: `/v1/jobs/${id}/${path}`, headers });

beforeAll(async () => {
  service = await startService();
  fresh = await submit();
  trained = await submit({ name: 'a <b> & "c"' });
  training = await takeForTraining(service.runs, trained);
  await training.claim.writeProvenance({ id: trained, seed: 1, engine: { name: 'test' } });
  await training.epoch(0.7, 0.65);
  await training.epoch(0.6, 0.55);
  await training.epoch(Number.NaN, 0.6);
});
afterAll(() => service.stop());

describe('history', () => {
  it('is that of Keras, without learning rates, and null where a number is not finite', async () => {
    expect((await get(trained, 'history')).json()).toEqual({
      epoch: [1, 2, 3],
      history: { loss: [0.7, 0.6, null], accuracy: [0.5, 0.5, 0.5], val_loss: [0.65, 0.55, 0.6], val_accuracy: [0.5, 0.5, 0.5] },
    });
    expect((await get(fresh, 'history')).json()).toEqual({ epoch: [], history: {} });
  });

  it('holds the learning rate when a callback may change it, as in Keras', async () => {
    const id = await submit({ callbacks: { reduce_lr_on_plateau: {} } });
    await (await takeForTraining(service.runs, id)).epoch(0.7, 0.7);
    expect((await get(id, 'history')).json().history.learning_rate).toHaveLength(1);
  });

  it.each(['history', 'metrics', 'curves.svg', 'manifest', 'checkpoints/best/model'])('has a tag of its own bytes: %s', async (path) => {
    const first = await get(trained, path);
    expect(first.headers.etag).toBe(`"${createHash('sha256').update(first.rawPayload).digest('hex')}"`);
    const again = await get(trained, path, { 'if-none-match': String(first.headers.etag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });
});

describe('metrics', () => {
  it('come by epoch and by step', async () => {
    const { by, points } = (await get(trained, 'metrics')).json();
    expect(by).toBe('epoch');
    expect(points[1]).toMatchObject({ epoch: 2, step: 4, loss: 0.6, val_loss: 0.55 });
    const steps = (await get(trained, 'metrics?by=step')).json().points;
    expect(steps).toHaveLength(6);
    expect(steps[5]).toEqual({ epoch: 3, step: 6, loss: null });
    expect((await get(trained, 'metrics?by=step&after_step=4')).json().points.map(({ step }: { step: number }) => step)).toEqual([5, 6]);
  });

  it.each([
    ['?format=csv&by=step', {}],
    ['?by=step', { accept: 'text/csv' }],
    ['?by=step', { accept: 'application/json;q=0.5, text/*' }],
  ])('come as CSV when asked: %s %j', async (query, headers: Record<string, string>) => {
    const response = await get(trained, `metrics${query}`, headers);
    expect(response.headers['content-type']).toMatch(/^text\/csv/);
    expect(response.body.split('\r\n').slice(0, 3)).toEqual(['epoch,step,loss', '1,1,0.7', '1,2,0.7']);
    expect(response.body).toMatch(/\r\n3,6,\r\n$/);
  });

  it('by step have a tag that holds until there is more, and that another form does not have', async () => {
    const id = await submit();
    const { epoch } = await takeForTraining(service.runs, id);
    await epoch(0.7, 0.7);
    const first = await get(id, 'metrics?by=step');
    const tag = String(first.headers.etag);
    const again = await get(id, 'metrics?by=step', { 'if-none-match': tag });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', tag]);
    const head = await service.app.inject({ method: 'HEAD', url: `/v1/jobs/${id}/metrics?by=step` });
    expect([head.statusCode, head.body, head.headers.etag]).toEqual([200, '', tag]);
    for (const query of ['?by=step&after_step=1', '?by=step&format=csv', '?by=epoch']) {
      expect((await get(id, `metrics${query}`, { 'if-none-match': tag })).statusCode, query).toBe(200);
    }
    await epoch(0.6, 0.6);
    const more = await get(id, 'metrics?by=step', { 'if-none-match': tag });
    expect([more.statusCode, more.json().points.length]).toEqual([200, 4]);
  });

  it('come in no other form', async () => {
    const response = await get(trained, 'metrics', { accept: 'application/xml' });
    expect([response.statusCode, response.json().code]).toEqual([406, 'not_acceptable']);
    expect(response.json().detail).toContain('application/json or text/csv');
    expect((await get(trained, 'metrics?format=xml')).statusCode).toBe(422);
  });
});

describe('curves.svg', () => {
  /** Tags that close in the right order, and no bare ampersand or less-than sign: enough to be XML here. */
  function assertWellFormed(svg: string): void {
    const open: string[] = [];
    const text = svg.replace(
      /<(\/?)([a-z]+)((?: [\w:-]+="[^"<&]*")*)(\/?)>/gi,
      (_, closing: string, name: string, __: string, empty: string) => {
        if (closing) expect(open.pop()).toBe(name);
        else if (!empty) open.push(name);
        return '';
      },
    );
    expect(open).toEqual([]);
    expect(text.replace(/&(amp|lt|gt|quot);/g, '')).not.toMatch(/[<&]/);
  }

  it('draws both losses with axes, ticks and a legend', async () => {
    const response = await get(trained, 'curves.svg');
    expect(response.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'x-content-type-options': 'nosniff' });
    expect(response.headers['content-security-policy']).toContain("default-src 'none'");
    assertWellFormed(response.body);
    expect(response.body).toContain('a &lt;b&gt; &amp; &quot;c&quot;');
    const train = /class="line train" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(response.body)?.slice(1).map(Number) ?? [];
    const val =
      /class="line val" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(response.body)?.slice(1).map(Number) ?? [];
    expect(train).toHaveLength(4);
    expect(val).toHaveLength(6);
    expect(train[0]).toBe(val[0]);
    expect(train[3]).toBeGreaterThan(Number(train[1]));
    for (const label of ['epoch', 'loss', 'train', 'val', '0.55', '0.7', '1', '2', '3'])
      expect(response.body).toContain(`>${label}</text>`);
  });

  it('says so before the first epoch, and draws dots after it', async () => {
    const empty = await get(fresh, 'curves.svg');
    assertWellFormed(empty.body);
    expect(empty.body).toContain('no epoch has ended yet');
    const id = await submit();
    await (await takeForTraining(service.runs, id)).epoch(0.5, 0.5);
    const one = await get(id, 'curves.svg');
    assertWellFormed(one.body);
    expect(one.body.match(/<circle/g)).toHaveLength(2);
    expect(one.body).not.toMatch(/NaN|Infinity/);
  });
});

describe('checkpoints', () => {
  it('are those that can be downloaded', async () => {
    expect((await get(fresh, 'checkpoints')).json()).toEqual({ data: [] });
    const { data } = (await get(trained, 'checkpoints')).json();
    expect(data).toMatchObject([
      { which: 'best', epoch: 2, step: 4, metrics: { val_loss: 0.55 } },
      { which: 'latest', epoch: 3, step: 6, metrics: { loss: null } },
    ]);
    expect(data[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await get(trained, 'checkpoints/best')).json()).toEqual(data[0]);
    expect((await get(trained, 'checkpoints/latest')).json()).toEqual(data[1]);
  });

  it.each(['checkpoints/best', 'checkpoints/latest', 'checkpoints/best/model', 'checkpoints/latest/model', 'manifest'])(
    'are a 409 before there is one: %s',
    async (path) => {
      const response = await get(fresh, path);
      expect(response.statusCode).toBe(409);
      expect(response.json().code).toMatch(/^no_(checkpoint|manifest)_yet$/);
    },
  );
});

describe('the manifest', () => {
  it('is what the trainer wrote', async () => {
    expect((await get(trained, 'manifest')).json()).toEqual({ id: trained, seed: 1, engine: { name: 'test' } });
  });
});
