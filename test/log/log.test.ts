import { expect, test } from 'vitest';
import { openLog } from '../../src/log/log.ts';

function capture(level: 'info' | 'silent' = 'info') {
  const lines: string[] = [];
  return { lines, log: openLog({ logLevel: level }, { write: (line) => void lines.push(line) }) };
}

test('a line is JSON: level in words, time in UTC, the ids bound to the logger, the sentence last', () => {
  const { lines, log } = capture();
  log.child({ job_id: 'job_1' }).info({ epoch: 3 }, 'epoch ended');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    job_id: 'job_1',
    epoch: 3,
    msg: 'epoch ended',
  });
});

test('secrets do not reach the log, wherever they stand', () => {
  const { lines, log } = capture();
  const headers = { authorization: 'Bearer hunter2', cookie: 'sid=hunter2', accept: 'text/csv' };
  log.info({ headers }, 'one level down');
  log.info({ req: { headers } }, 'two levels down');
  log.info({ password: 'hunter2', redis: { password: 'hunter2' } }, 'passwords');
  log.info({ url: 'redis://default:hunter2@redis.example:6379/0' }, 'cannot reach rediss://:hunter2@redis.example');
  log.error(new Error('connect ECONNREFUSED unix://hunter2@/tmp/redis.sock'));
  expect(lines).toHaveLength(5);
  expect(lines.join('')).not.toContain('hunter2');
  expect(lines[1]).toContain('text/csv');
  expect(lines[3]).toContain('redis://[redacted]@redis.example:6379/0');
});

test('the level decides what is written', () => {
  const { lines, log } = capture('silent');
  log.fatal('not a word');
  expect(lines).toEqual([]);
});
