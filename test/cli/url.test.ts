import { afterEach, describe, expect, it } from 'vitest';
import { epochd } from '../epochd.ts';
import { scriptedService, sendJson, someJob } from './scripted-service.ts';

let close: () => Promise<void> = async () => {};
afterEach(() => close());

async function serviceWith(job = someJob()): Promise<string> {
  const service = await scriptedService((_, response) => sendJson(response, { data: [job], has_more: false, next_cursor: null }));
  close = service.close;
  return new URL(service.url).port;
}

describe('the address of a service', () => {
  it.each(['localhost:PORT', ':PORT', '127.0.0.1:PORT/', 'http://localhost:PORT//'])('may be %s', async (text) => {
    const url = text.replace('PORT', await serviceWith());
    for (const outcome of [await epochd(['list', '--url', url]), await epochd(['list'], { EPOCHD_URL: url })]) {
      expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    }
  });

  it.each(['8080', 'ftp://localhost', 'local host', 'http://', '', 'http://ann:pass@localhost', 'localhost:99999', 'mailto:a@b'])(
    'is refused in a sentence when it is none: %j',
    async (url) => {
      const { code, stderr } = await epochd(['list', '--url', url]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('such as http://localhost:8080')]);
      expect(stderr).not.toMatch(/\n {4}at /);
      if (url === '') return;
      const configured = await epochd(['list'], { EPOCHD_URL: url });
      expect([configured.code, configured.stderr]).toEqual([2, expect.stringContaining('EPOCHD_URL=')]);
      expect(configured.stderr).not.toMatch(/\n {4}at /);
    },
  );
});

it('what an older service has stored reaches the terminal spelt out', async () => {
  const port = await serviceWith(someJob({ name: 'a\u202egnp\u2028\u009b31mb' }));
  for (const args of [['list'], ['list', '--json']]) {
    const { code, stdout } = await epochd([...args, '--url', `:${port}`]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('a\\u202egnp\\u2028\\u009b31mb')]);
  }
});
