import { expect, test } from 'vitest';
import { parseRedisUrl } from '../../scripts/redis-address.mjs';
import { readConfig } from '../../src/config/config.ts';
import { ConfigInvalid } from '../../src/config/setting.ts';
import { withoutPasswords } from '../../src/config/without-passwords.ts';

test.each([
  ['redis://:50%off@host', { password: '50%off', name: 'redis://host:6379' }],
  ['REDISS://Ann:a%40b@Host:1/2', { tls: true, username: 'Ann', password: 'a@b', db: 2, name: 'rediss://Host:1/2' }],
  ['redis://[::1]:7/', { nodes: [{ host: '::1', port: 7 }], name: 'redis://[::1]:7' }],
  ['unix:///run/my%20redis%3F.sock?db=1', { path: '/run/my redis?.sock', db: 1 }],
  ['redis://host?PASSWORD=x&db=3', { password: 'x', db: 3 }],
  [
    'redis+sentinel://u:p@a:1,b/main/4',
    {
      mode: 'sentinel',
      primary: 'main',
      db: 4,
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 26379 },
      ],
    },
  ],
  [
    'rediss+cluster://a:1,b:2',
    {
      mode: 'cluster',
      tls: true,
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    },
  ],
])('%s is read', (text, expected) => {
  expect(parseRedisUrl(text)).toMatchObject(expected);
});

test.each([
  'redis://:hunt/er@host',
  'redis://host?password=hunter&x=1',
  'redis://host?p%61ssword=hunter&x=1',
  'redis+sentinel://u:hunter@a:1',
  'redis+cluster://:hunter@a:1/3',
  'redis://:hunter',
  'redis://:hunt?er@host',
  'REDIS://host?PASSWORD=hunter&x',
])('%s is refused without repeating the password', (text) => {
  let message = '';
  try {
    readConfig({ REDIS_URL: text });
  } catch (error) {
    if (error instanceof ConfigInvalid) message = error.message;
  }
  expect(message).toContain('REDIS_URL=');
  expect(message).not.toMatch(/hunt|er@/);
});

test.each(['redis://h?password=hunter', 'REDISS+SENTINEL://a,b/n?Sentinel_Password=hunter', 'unix:///s?p%61ssword=hunter'])(
  '%s loses its password in a log',
  (text) => {
    expect(withoutPasswords(`to ${text} it goes`)).not.toContain('hunter');
  },
);
