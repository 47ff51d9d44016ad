import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inheritedEnvironment, readConfig, SETTINGS, unknownVariables } from '../../src/config/config.ts';
import { ConfigInvalid } from '../../src/config/setting.ts';

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.faults;
    throw error;
  }
  return [];
};

describe('an empty environment', () => {
  test('listens on loopback, keeps its data beside the caller and needs no Redis', () => {
    expect(readConfig({})).toMatchObject({
      redis: null,
      host: '127.0.0.1',
      port: 8080,
      insecure: false,
      dataDir: resolve('data'),
      cacheDir: join(homedir(), '.cache', 'epochd'),
      logLevel: 'info',
      workerConcurrency: 1,
      url: 'http://127.0.0.1:8080',
    });
  });

  test('gives a configuration that nobody can change', () => {
    expect(() => Object.assign(readConfig({}), { port: 1 })).toThrow(TypeError);
  });
});

test('an empty variable is as good as none', () => {
  expect(readConfig({ EPOCHD_PORT: '', REDIS_URL: '' })).toEqual(readConfig({}));
});

test('XDG_CACHE_HOME moves the cache, and EPOCHD_CACHE_DIR moves it wherever it says', () => {
  expect(readConfig({ XDG_CACHE_HOME: '/var/xdg' }).cacheDir).toBe('/var/xdg/epochd');
  expect(readConfig({ XDG_CACHE_HOME: '/var/xdg', EPOCHD_CACHE_DIR: '/srv/cache' }).cacheDir).toBe('/srv/cache');
});

test('client commands talk to the service that the same environment would start', () => {
  expect(readConfig({ EPOCHD_PORT: '9000' }).url).toBe('http://127.0.0.1:9000');
  expect(readConfig({ EPOCHD_HOST: '::1' }).url).toBe('http://[::1]:8080');
  expect(readConfig({ EPOCHD_URL: 'https://train.example' }).url).toBe('https://train.example');
});

test('all faults are reported together, each with its variable, its value and what was expected', () => {
  expect(faultsOf({ EPOCHD_PORT: '80a', EPOCHD_LOG_LEVEL: 'loud', REDIS_URL: 'localhost', EPOCHD_INSECURE: 'yes' })).toEqual([
    'REDIS_URL="localhost": expected a URL that begins with redis://, rediss://, redis+sentinel://, redis+cluster:// or unix:///',
    'EPOCHD_PORT="80a": expected a whole number from 0 to 65535',
    'EPOCHD_INSECURE="yes": expected true or false',
    'EPOCHD_LOG_LEVEL="loud": expected one of trace, debug, info, warn, error, fatal, silent',
  ]);
});

test('a password is not repeated', () => {
  expect(faultsOf({ REDIS_URL: 'https://default:hunter2@redis.example' })).toEqual([
    expect.stringContaining('"https://[redacted]@redis.example"'),
  ]);
});

test('a password that makes the URL unreadable is not repeated either', () => {
  expect(faultsOf({ REDIS_URL: 'redis://:hunt/er@2@redis.example' })).toEqual([
    'REDIS_URL="redis://[redacted]@redis.example": expected host:port, with an IPv6 address in brackets; in a password /, ?, @ and # are written %2F, %3F, %40 and %23',
  ]);
});

test.each(['-1', '65536', '1e3', '8080.5', ' 80', '0x50', '99999999999999999999'])('%s is no port', (text) => {
  expect(faultsOf({ EPOCHD_PORT: text })).toEqual([`EPOCHD_PORT=${JSON.stringify(text)}: expected a whole number from 0 to 65535`]);
});

test.each(['0.0.0.0', '::', '192.168.1.5', 'epochd.example', '127.0.0.1.example'])('%s is refused unless EPOCHD_INSECURE=true', (host) => {
  expect(faultsOf({ EPOCHD_HOST: host })).toEqual([expect.stringContaining(`EPOCHD_HOST="${host}": expected a loopback address`)]);
  expect(readConfig({ EPOCHD_HOST: host, EPOCHD_INSECURE: 'true' }).host).toBe(host);
});

test.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('%s needs no permission', (host) => {
  expect(readConfig({ EPOCHD_HOST: host }).host).toBe(host);
});

test('an unknown variable is named, with the one that was meant', () => {
  expect(unknownVariables({ EPOCHD_PROT: '1', EPOCHD_REDIS_URL: 'redis://a', EPOCHD_XYZZY: '1', EPOCHD_PORT: '1', HOME: '/' })).toEqual([
    'the environment variable EPOCHD_PROT means nothing to epochd: did you mean EPOCHD_PORT?',
    'the environment variable EPOCHD_REDIS_URL means nothing to epochd: did you mean REDIS_URL?',
    'the environment variable EPOCHD_XYZZY means nothing to epochd',
  ]);
});

test('every default in the table is the one that is in force', () => {
  const documented = SETTINGS.filter(({ default: fallback }) => !/[ `]/.test(fallback));
  expect(documented.length).toBeGreaterThan(10);
  const spelled = Object.fromEntries(documented.map(({ name, default: fallback }) => [name, fallback]));
  expect(readConfig(spelled)).toEqual(readConfig({}));
  expect(SETTINGS.every(({ meaning }) => meaning.endsWith('.'))).toBe(true);
});

test('child processes inherit what programs and engines look at, and no secret', () => {
  const wanted = {
    PATH: '/bin',
    HOME: '/root',
    LC_ALL: 'C',
    TMPDIR: '/tmp',
    LD_LIBRARY_PATH: '/usr/lib/cuda',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    https_proxy: 'http://proxy:3128',
    NO_PROXY: 'localhost',
    XDG_CACHE_HOME: '/cache',
    CUDA_VISIBLE_DEVICES: '0',
    TF_CPP_MIN_LOG_LEVEL: '3',
    OMP_NUM_THREADS: '2',
  };
  const secrets = {
    AWS_SECRET_ACCESS_KEY: '1',
    FOO_TOKEN: '1',
    TF_VAR_password: '1',
    TF_TOKEN_app: '1',
    REDIS_URL: 'redis://:1@a',
    EPOCHD_PORT: '1',
    PGPASSWORD: '1',
  };
  expect(inheritedEnvironment({ ...wanted, ...secrets })).toEqual(wanted);
});
