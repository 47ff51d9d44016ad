import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEED } from '../../seed-job.ts';
import { type Service, startService } from '../service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const submit = async (changes: object = {}): Promise<string> =>
  (await service.app.inject({ method: 'POST', url: '/v1/jobs', payload: { ...SEED, ...changes } })).json().id;
const list = async (query = '') => (await service.app.inject({ url: `/v1/jobs?${query}` })).json();
const page = (url: string) => service.app.inject({ url });
const idsOf = ({ data }: { data: { id: string }[] }): string[] => data.map(({ id }) => id);

/** All pages, following the Link header as a client does; `between` runs after each page. */
async function walk(query: string, between: () => Promise<unknown> = async () => undefined): Promise<string[]> {
  const seen: string[] = [];
  for (let url: string | undefined = `/v1/jobs?${query}`; url; ) {
    const response: Awaited<ReturnType<typeof page>> = await page(url);
    expect(response.statusCode).toBe(200);
    seen.push(...idsOf(response.json()));
    url = /^<([^>]+)>; rel="next"$/.exec(String(response.headers.link ?? ''))?.[1];
    expect(url !== undefined).toBe(response.json().has_more);
    await between();
  }
  return seen;
}

describe('GET /v1/jobs', () => {
  it('is empty at first', async () => {
    expect(await list()).toEqual({ data: [], has_more: false, next_cursor: null });
  });

  it('gives each job once, newest first or oldest first, while others come and go', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(await submit());
    expect(await walk('limit=2', submit)).toEqual(ids.toReversed());

    const gone = await submit();
    await service.runs.cancel(gone);
    const before = idsOf(await list('sort=created_at&limit=100'));
    const seen = await walk('sort=created_at&limit=3', async () => service.runs.remove(gone).catch(() => undefined));
    expect(seen).toEqual(before.filter((id) => id !== gone));
  });

  it('filters by state, metadata and time', async () => {
    const mine = await submit({ metadata: { owner: 'ann', team: 'nlp' } });
    await submit({ metadata: { owner: 'bob', team: 'nlp' } });
    expect(idsOf(await list('metadata[owner]=ann&metadata[team]=nlp'))).toEqual([mine]);
    expect(idsOf(await list('metadata[owner]=ann&metadata[team]=cv'))).toEqual([]);
    expect(idsOf(await list('metadata[constructor]=x'))).toEqual([]);
    await service.runs.cancel(mine);
    expect(idsOf(await list('state=cancelled'))).toEqual([mine]);
    const { created_at } = (await service.app.inject({ url: `/v1/jobs/${mine}` })).json();
    expect(idsOf(await list(`created_after=${created_at}`))).not.toContain(mine);
    expect(idsOf(await list(`created_before=${created_at}`))).not.toContain(mine);
    const later = new Date(Date.parse(created_at) + 1).toISOString();
    expect(idsOf(await list(`created_before=${later}&limit=100`))).toContain(mine);
  });

  it.each([
    ['limit=0', '/limit'],
    ['limit=101', '/limit'],
    ['limit=ten', '/limit'],
    ['limit=1&limit=2', '/limit'],
    ['state=done', '/state'],
    ['sort=name', '/sort'],
    ['created_after=yesterday', '/created_after'],
    ['cursor=nonsense', '/cursor'],
    ['stat=queued', '/stat'],
    ['metadata=x', '/metadata'],
    ['__proto__=1', '/__proto__'],
  ])('refuses ?%s and names the parameter', async (query, pointer) => {
    const response = await service.app.inject({ url: `/v1/jobs?${query}` });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ code: 'request_invalid', errors: [{ pointer }] });
  });

  it('refuses a cursor of the other order', async () => {
    await submit();
    await submit();
    const { next_cursor } = await list('limit=1');
    expect((await list(`sort=created_at&cursor=${next_cursor}`)).code).toBe('request_invalid');
  });
});
