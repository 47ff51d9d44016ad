import { join, resolve } from 'node:path';
import { z } from 'zod';
import { nearest } from '../contract/explain/nearest.ts';
import { MAX_RUNTIME_SECONDS } from '../contract/spec.ts';
import { BASE_URL, isLoopback, toBaseUrl, urlOf } from './address.ts';
import { cacheAtHome } from './cache-folder.ts';
import { isInherited } from './inherited-variables.ts';
import { redisAddress, withoutCredentials } from './redis-setting.ts';
import { ConfigInvalid, optional, type Setting, setting } from './setting.ts';
import { withoutPasswords } from './without-passwords.ts';

const says = (expected: string, schema: RegExp) => z.string().regex(schema, expected);
const path = z.string().transform((text) => resolve(text));
const baseUrl = z
  .string()
  .refine((text) => toBaseUrl(text) !== null, BASE_URL)
  .transform((text) => toBaseUrl(text) ?? text);
const httpUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:\/\//.test(text), 'expected a URL that begins with http:// or https://');
const yesNo = z.enum(['true', 'false'], 'expected true or false').transform((text) => text === 'true');
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

function wholeNumber(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  const isInRange = (value: number): boolean => value >= min && value <= max;
  return says(expected, /^\d+$/).transform(Number).refine(isInRange, expected);
}

const settings = {
  redis: optional(
    'REDIS_URL',
    '`serve` starts a Redis of its own',
    'The Redis that holds the queue: redis://, rediss:// with TLS, unix:///path, redis+sentinel://host:port,host:port/name or redis+cluster://host:port,host:port.',
    redisAddress,
  ),
  host: setting('EPOCHD_HOST', '127.0.0.1', 'The address to listen on. Any but a loopback address needs EPOCHD_INSECURE=true.', z.string()),
  port: setting('EPOCHD_PORT', '8080', 'The port to listen on; 0 takes a free one and prints it.', wholeNumber(0, 65_535)),
  insecure: setting(
    'EPOCHD_INSECURE',
    'false',
    'true allows addresses that other machines reach. There is no authentication: everyone who reaches the port may use it.',
    yesNo,
  ),
  publicUrl: optional(
    'EPOCHD_PUBLIC_URL',
    'links begin with /v1',
    'Where clients find this service, if a proxy stands before it: https://train.example/epochd. Links begin with it.',
    baseUrl,
  ),
  allowedHosts: optional(
    'EPOCHD_ALLOWED_HOSTS',
    'localhost; beyond loopback also addresses, names without a dot and names of private networks',
    'More names that clients may call this service by, with commas between them. Others are refused (DNS rebinding).',
    says(
      'expected names such as train.example or train.example:8080, with commas between them',
      /^[\w.:[\]-]+( *, *[\w.:[\]-]+)*$/,
    ).transform((text) => text.split(',').map((name) => name.trim())),
  ),
  dataDir: setting('EPOCHD_DATA_DIR', './data', 'The folder of run directories and of the Redis that `serve` starts.', path),
  cacheDir: optional(
    'EPOCHD_CACHE_DIR',
    '`$XDG_CACHE_HOME/epochd` or `~/.cache/epochd`; without a home that can be written to, `cache` in the data folder',
    'The folder of what can be fetched again: TensorFlow, downloaded data sets.',
    path,
  ),
  imdbPath: optional(
    'EPOCHD_IMDB_PATH',
    'downloaded when a job asks for it',
    'A local imdb.npz, as Keras publishes it, for the data source `imdb`.',
    path,
  ),
  imdbUrl: optional('EPOCHD_IMDB_URL', 'where Keras publishes it', 'Where to download imdb.npz from.', httpUrl),
  queueName: setting(
    'EPOCHD_QUEUE_NAME',
    'epochd',
    'Services that share a Redis but no data folder must differ in it.',
    says('expected letters, digits, "-", "_" and "."', /^[\w.-]{1,64}$/),
  ),
  logLevel: setting(
    'EPOCHD_LOG_LEVEL',
    'info',
    `${LEVELS.join(', ')}. Logs go to standard error.`,
    z.enum(LEVELS, `expected one of ${LEVELS.join(', ')}`),
  ),
  workerConcurrency: setting('EPOCHD_WORKER_CONCURRENCY', '1', 'Trainings that a worker runs at the same time.', wholeNumber(1, 64)),
  threads: optional(
    'EPOCHD_THREADS',
    "the cores that this process may use, by its container's quota too, divided by EPOCHD_WORKER_CONCURRENCY",
    'Threads that a training on the core computes on. Results do not depend on them.',
    wholeNumber(1, 256),
  ),
  lockSeconds: setting(
    'EPOCHD_LOCK_SECONDS',
    '15',
    'How long a silent worker keeps its run before another may take it.',
    wholeNumber(1, 3_600),
  ),
  stalledSeconds: setting('EPOCHD_STALLED_SECONDS', '5', 'How often workers look for runs whose worker is silent.', wholeNumber(1, 3_600)),
  reconcileSeconds: setting(
    'EPOCHD_RECONCILE_SECONDS',
    '60',
    'How often workers look for runs that Redis has lost.',
    wholeNumber(1, 3_600),
  ),
  heartbeatSeconds: setting(
    'EPOCHD_HEARTBEAT_SECONDS',
    '60',
    'How long a training process may neither come around nor compute before it is taken for hung.',
    wholeNumber(1, 3_600),
  ),
  graceSeconds: setting(
    'EPOCHD_GRACE_SECONDS',
    '10',
    'How long a training process has to stop, before it is killed.',
    wholeNumber(1, 3_600),
  ),
  maxAttempts: setting('EPOCHD_MAX_ATTEMPTS', '5', 'Attempts that a run may spend without a new epoch.', wholeNumber(1, 100)),
  defaultRuntimeSeconds: optional(
    'EPOCHD_DEFAULT_RUNTIME_SECONDS',
    'as long as it takes',
    'How long a job may train that says nothing of max_runtime_seconds, over all attempts.',
    wholeNumber(1, MAX_RUNTIME_SECONDS),
  ),
  maxRuntimeSeconds: optional(
    'EPOCHD_MAX_RUNTIME_SECONDS',
    'no limit',
    'The most that a job may ask for as max_runtime_seconds; bounds the default too.',
    wholeNumber(1, MAX_RUNTIME_SECONDS),
  ),
  url: optional(
    'EPOCHD_URL',
    '`http://EPOCHD_HOST:EPOCHD_PORT`',
    'The service that submit, follow, list, get, cancel, retry and delete talk to.',
    baseUrl,
  ),
} satisfies Record<string, Setting<unknown>>;

type Values = { readonly [K in keyof typeof settings]: z.output<(typeof settings)[K]['schema']> };

/** Everything that the environment decides, checked and frozen. Paths are absolute. */
export type Config = Omit<Values, 'cacheDir' | 'url'> & { readonly cacheDir: string; readonly url: string };

/** What the README's configuration table shows. */
export const SETTINGS: readonly Pick<Setting<unknown>, 'name' | 'default' | 'meaning'>[] = Object.values(settings);

const PREFIX = 'EPOCHD_';
const withoutPrefix = (name: string): string => name.replace(PREFIX, '').toLowerCase();

/** Variables that the tests read and the program does not: the folder of outside data, and how random faults are chosen. */
const FOR_TESTS = ['EPOCHD_SHARED', 'EPOCHD_FAULT_SECONDS', 'EPOCHD_FAULT_SEED', 'EPOCHD_FAULTS'];

/** The only reader of the environment. Throws ConfigInvalid with every fault at once. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = Object.entries<Setting<unknown>>(settings).map(([key, { name, schema }]) => ({
    key,
    name,
    ...schema.safeParse(env[name] || undefined),
  }));
  const faults = parsed.flatMap(({ name, error }) => (error ? [`${quote(name, env)}: ${error.issues[0]?.message}`] : []));
  const values = Object.fromEntries(parsed.map(({ key, data }) => [key, data])) as Partial<Values>;
  if (values.insecure === false && !isLoopback(values.host ?? '')) {
    faults.push(`${quote('EPOCHD_HOST', env)}: expected a loopback address such as 127.0.0.1, or EPOCHD_INSECURE=true beside it`);
  }
  if (faults.length > 0) throw new ConfigInvalid(faults);
  const config = values as Values;
  return Object.freeze({
    ...config,
    cacheDir:
      config.cacheDir ?? (env.XDG_CACHE_HOME ? resolve(env.XDG_CACHE_HOME, 'epochd') : (cacheAtHome() ?? join(config.dataDir, 'cache'))),
    url: config.url ?? urlOf(config.host, config.port),
  });
}

function quote(name: string, env: NodeJS.ProcessEnv): string {
  const text = env[name] ?? '';
  return `${name}=${JSON.stringify(name === settings.redis.name ? withoutCredentials(text) : withoutPasswords(text))}`;
}

/** One sentence for each EPOCHD_ variable that means nothing, with the nearest name that does. */
export function unknownVariables(env: NodeJS.ProcessEnv = process.env): string[] {
  const known = [...SETTINGS.map(({ name }) => name), ...FOR_TESTS];
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .map((name) => {
      const ending = nearest(withoutPrefix(name), known.map(withoutPrefix));
      const meant = known.find((candidate) => withoutPrefix(candidate) === ending);
      return `the environment variable ${name} means nothing to epochd${meant ? `: did you mean ${meant}?` : ''}`;
    });
}

/** The variables that child processes inherit. */
export const inheritedEnvironment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => isInherited(name)));

/** What a worker of this service finds: all that this process does, and the Redis at `socket`, if this service brings one of its own. */
export const environmentOfWorker = (socket: string | null, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  socket === null ? env : { ...env, [settings.redis.name]: `unix://${socket.split('/').map(encodeURIComponent).join('/')}` };
