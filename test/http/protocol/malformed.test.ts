import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => service.stop());

/** Sends the bytes as they are, over a real connection. */
const post = (payload: string | Buffer, type = 'application/json') =>
  request(service.app.server)
    .post('/v1/jobs')
    .set('content-type', type)
    .serialize((body) => body)
    .send(payload as string);

const spec = (rest: string) => `{"dataset":{"source":"imdb-mini"},${rest}}`;
const badUtf8 = Buffer.concat([Buffer.from('{"dataset":{"source":"imdb-mini"},"name":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);

describe('POST /v1/jobs', () => {
  it.each<[string, string | Buffer, number, RegExp, string | null]>([
    ['an empty body', '', 422, /expected an object/, ''],
    ['blanks', '  \n', 400, /the body is not JSON/, null],
    ['cut-off JSON', '{"dataset":{"source":"imdb-mini"}', 400, /the body is not JSON/, null],
    ['a comment', spec('/* */ "name":"x"'), 400, /the body is not JSON/, null],
    ['NaN', spec('"priority":NaN'), 400, /the body is not JSON/, null],
    ['bad UTF-8', badUtf8, 400, /the body is not UTF-8: byte 42 /, null],
    ['null', 'null', 422, /expected an object, got null/, ''],
    ['a list', '[]', 422, /expected an object, got a list of 0/, ''],
    ['a text', '"imdb"', 422, /expected an object, got "imdb"/, ''],
    ['no data set', '{}', 422, /"source" is one of "imdb", "imdb-mini", got nothing/, '/dataset'],
    ['a text as data set', '{"dataset":"imdb"}', 422, /got "imdb"/, '/dataset'],
    ['an unknown source', '{"dataset":{"source":"mnist"}}', 422, /got "mnist"/, '/dataset/source'],
    ['a wrong type', spec('"training":{"epochs":"ten"}'), 422, /an integer from 1 to 10000, got "ten"/, '/training/epochs'],
    ['a misspelt field', spec('"training":{"epoch":3}'), 422, /did you mean "epochs"\?/, '/training/epoch'],
    ['a terminal escape in the name', spec('"name":"\\u001b[2J"'), 422, /without control characters/, '/name'],
    ['half a character', spec('"name":"\\ud800"'), 422, /without control characters/, '/name'],
    ['a line break in a label', spec('"metadata":{"owner":"ann\\r\\nx: y"}'), 422, /without control characters/, '/metadata/owner'],
    [
      'NUL in the name of a label',
      spec('"metadata":{"a\\u0000b":"x"}'),
      422,
      /without control characters.*, got the key/,
      '/metadata/a\0b',
    ],
    [
      'a field twice',
      spec('"training":{"epochs":1,"seed":7,"epochs":2}'),
      422,
      /training\/epochs: this field comes more than once/,
      '/training/epochs',
    ],
    ['a field twice, once escaped', spec('"n\\u0061me":"a","name":"b"'), 422, /more than once/, '/name'],
    ['a field twice in a list', spec('"model":{"lstm":[{}, {"units":4 , "units" :8}]}'), 422, /more than once/, '/model/lstm/1/units'],
    ['a field twice with the same value', spec('"dataset":{"source":"imdb-mini"}'), 422, /more than once/, '/dataset'],
    ['a label twice', spec('"metadata":{"a/b":"{\\"","a/b":":"}'), 422, /more than once/, '/metadata/a~1b'],
    ['a text that turns the direction', spec('"name":"a\u202egnp.exe"'), 422, /without control characters/, '/name'],
    ['a line separator', spec('"name":"a\u2028b"'), 422, /without control characters/, '/name'],
    ['a label that shows nothing', spec('"metadata":{"a\u200bb":"\ufeff"}'), 422, /without control characters/, '/metadata/a\u200bb'],
    ['1e400', spec('"training":{"optimizer":{"learning_rate":1e400}}'), 422, /too large/, '/training/optimizer/learning_rate'],
    ['-1', spec('"priority":-1'), 422, /from 1 to 1000, got -1/, '/priority'],
    ['an integer beyond 2^53', spec('"training":{"seed":9007199254740993}'), 422, /from 0 to 4294967295/, '/training/seed'],
    [
      'nesting of 100,000 levels',
      spec(`"metadata":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
      422,
      /nested too deeply/,
      `/metadata${'/a'.repeat(19)}`,
    ],
    ['lists of 100,000 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 422, /nested too deeply/, '/0'.repeat(20)],
    ['__proto__', spec('"__proto__":{"isAdmin":true}'), 422, /"__proto__" is not allowed/, '/__proto__'],
    ['__proto__ inside', spec('"training":{"__proto__":{"epochs":1}}'), 422, /"__proto__" is not allowed/, '/training/__proto__'],
    ['constructor', spec('"constructor":{"prototype":{"isAdmin":true}}'), 422, /unknown field "constructor"/, '/constructor'],
    ['a rule between fields', spec('"training":{"loss":"huber"}'), 422, /accuracy/, '/training/metrics/0'],
    [
      'an absurd model',
      spec('"model":{"lstm":[{"units":1024},{"units":1024}]},"training":{"epochs":10000}'),
      422,
      /floating point operations/,
      '/training/epochs',
    ],
    ['10 MB', `"${'x'.repeat(1e7)}"`, 413, /too large/, null],
    [
      'a megabyte of unknown fields',
      `{${Array.from({ length: 60_000 }, (_, i) => `"f${i}":1`).join()}}`,
      422,
      /expected at most 1000 fields, got 60000/,
      '',
    ],
  ])('refuses %s and names the place', async (_, body, status, detail, pointer) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = response.body;
    expect(problem).toMatchObject({ status, instance: '/v1/jobs', request_id: response.headers['x-request-id'] });
    expect(problem.detail).toMatch(detail);
    if (pointer !== null) expect(problem.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(response.text.length).toBeLessThan(100_000);
    expect(await service.runs.list()).toEqual([]);
    expect({}).not.toHaveProperty('isAdmin');
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])('refuses a body of type %s with 415', async (type) => {
    const response = await post('{"dataset":{"source":"imdb-mini"}}', type);
    expect(response.status).toBe(415);
    expect(response.body.code).toBe('unsupported_media_type');
  });

  it.each([
    ['content-encoding', 'gzip', /Content-Encoding: gzip: expected a body that is not compressed/],
    ['content-type', 'application/json; charset=utf-16', /charset=utf-16: expected charset=utf-8/],
  ])('refuses a body with %s: %s instead of guessing', async (name, value, detail) => {
    const { body } = await post('{"dataset":{"source":"imdb-mini"}}').set(name, value);
    expect(body).toMatchObject({ status: 415, code: 'unsupported_media_type', detail: expect.stringMatching(detail) });
    expect(await service.runs.list()).toEqual([]);
  });

  it.each(['application/json;charset="UTF-8"', 'application/json; charset=utf8'])('takes %s', async (type) => {
    const { body } = await request(service.app.server)
      .post('/v1/jobs/validate')
      .set('content-type', type)
      .send('{"dataset":{"source":"imdb-mini"}}');
    expect(body.valid).toBe(true);
  });
});

describe('a name', () => {
  it.each(['José', 'Straße 東京', 'می\u200cخواهم', 'क्\u200dष', '👩\u200d🔬', 'a\u00a0b', '<b>&', '=1+1'])('may be %s', async (name) => {
    const { body } = await request(service.app.server)
      .post('/v1/jobs/validate')
      .send({ dataset: { source: 'imdb-mini' }, name, metadata: { [name]: name } });
    expect(body).toMatchObject({ valid: true, spec: { name } });
  });
});

it('refuses a model without an embedding over token ids, and says what it expects', async () => {
  const payload = { dataset: { source: 'imdb-mini' }, model: { embedding: null } };
  const { status, body } = await request(service.app.server).post('/v1/jobs').send(payload);
  expect(status).toBe(422);
  const detail = 'null, but the data are token ids, which need an embedding: expected an object such as {"output_dim": 16}';
  expect(body.errors).toEqual([{ pointer: '/model/embedding', detail }]);
});

describe('POST /v1/jobs/validate', () => {
  const validate = async (payload: object) => (await request(service.app.server).post('/v1/jobs/validate').send(payload)).body;

  it('tells every problem at once', async () => {
    const { valid, errors } = await validate({ dataset: { source: 'imdb-mini', maxlen: 0 }, engine: 'torch', nmae: 'x' });
    expect(valid).toBe(false);
    expect(errors.map((error: { pointer: string }) => error.pointer)).toEqual(['/dataset/maxlen', '/engine', '/nmae']);
  });

  it('tells of a field that comes twice as of any other problem', async () => {
    const body = '{"dataset":{"source":"imdb-mini"},"training":{"epochs":1,"epochs":2}}';
    const response = await request(service.app.server).post('/v1/jobs/validate').set('content-type', 'application/json').send(body);
    expect(response.body).toMatchObject({ valid: false, errors: [{ pointer: '/training/epochs' }] });
  });

  it('tells of a number beyond every bound once', async () => {
    const { errors } = await validate({ dataset: { source: 'imdb-mini' }, training: { epochs: 1e26 } });
    expect(errors).toEqual([{ pointer: '/training/epochs', detail: 'expected an integer from 1 to 10000, got 1e+26' }]);
  });

  it("shows the notebook's model for the notebook's spec, and queues nothing", async () => {
    const report = await validate({ dataset: { source: 'imdb-mini' } });
    expect(report).toMatchObject({
      valid: true,
      parameters: 8809,
      train_rows: 20_000,
      validation_rows: 5_000,
      steps_per_epoch: 313,
      steps: 3130,
    });
    expect(report.spec.training.optimizer).toMatchObject({ type: 'rmsprop', learning_rate: 0.0001 });
    expect(report.layers.map((layer: { parameters: number }) => layer.parameters)).toEqual([8000, 800, 9]);
    expect(report.summary).toContain('lstm (LSTM)                 (None, 8)                 800');
    expect(await service.runs.list()).toEqual([]);
  });
});
