import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildProgram } from '../src/cli/program.ts';
import { SETTINGS } from '../src/config/config.ts';

interface ComposeService {
  readonly build?: { readonly target: string };
  readonly command?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly stop_grace_period?: string;
  readonly deploy?: {
    readonly resources: { readonly reservations: { readonly devices: readonly { readonly capabilities: readonly string[] }[] } };
  };
}

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const instructions = read('Dockerfile')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line));
const { services, volumes } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<'redis' | 'api' | 'worker' | 'worker-cuda', ComposeService>;
  volumes: Record<string, unknown>;
};

/** The instructions of each stage, by the stage's name. */
const stages = new Map<string, string[]>();
for (const line of instructions) {
  const name = /^FROM \S+ AS (\S+)$/.exec(line)?.[1];
  if (name) stages.set(name, []);
  [...stages.values()].at(-1)?.push(line);
}

it('has an image for the API, for a worker on the CPU and for one on a GPU, which compose builds', () => {
  expect([...stages.keys()]).toEqual(expect.arrayContaining(['api', 'worker', 'worker-cuda']));
  expect(Object.values(services).flatMap(({ build }) => build?.target ?? [])).toEqual(['api', 'worker', 'worker-cuda']);
});

it('copies only files that exist and are not ignored, and only from stages that exist', () => {
  const kept = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'));
  for (const line of instructions.filter((instruction) => instruction.startsWith('COPY'))) {
    const stage = /--from=(\S+)/.exec(line)?.[1];
    if (stage) expect([...stages.keys()]).toContain(stage);
    const sources = stage ? [] : line.split(' ').slice(1, -1);
    for (const source of sources) {
      expect(existsSync(new URL(`../${source}`, import.meta.url)), source).toBe(true);
      expect(kept).toContain(`!${source}`);
    }
  }
});

it('keeps TensorFlow out of the API image and gives each worker its own variant', () => {
  const text = (name: string) => stages.get(name)?.join('\n') ?? '';
  expect(text('packages-api')).toContain('rm -r node_modules/@tensorflow');
  expect(text('api')).not.toMatch(/opt\/epochd|packages-c/);
  expect(text('worker')).toContain('--from=packages-cpu');
  expect(text('worker-cuda')).toContain('--from=packages-cuda');
  expect(text('packages-cpu')).toContain('--tensorflow=cpu');
  expect(text('packages-cuda')).toContain('--tensorflow=cuda');
});

it('runs commands that epochd has, as a user that is not root, with a health check', () => {
  const commands = buildProgram().commands.map((command) => command.name());
  expect(stages.get('runtime')).toContain('USER node');
  for (const name of ['api', 'worker', 'worker-cuda']) {
    const stage = stages.get(name) ?? [];
    expect(stage[0]).toBe(`FROM runtime AS ${name}`);
    expect(commands).toContain(/^CMD \["(\w+)"\]$/.exec(stage.at(-1) ?? '')?.[1]);
    expect(stage.some((line) => line.startsWith('HEALTHCHECK'))).toBe(true);
  }
});

it('names npm scripts and files of scripts/ that exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts?: Record<string, string> };
  for (const text of [read('Dockerfile'), read('.ci/run')]) {
    for (const [, name] of text.matchAll(/npm (?:run )?(?:--silent )?(build|check|test)\b/g))
      expect(Object.keys(scripts ?? {})).toContain(name);
    for (const [path] of text.matchAll(/scripts\/[\w-]+\.mjs/g))
      expect(existsSync(new URL(`../${path}`, import.meta.url)), path).toBe(true);
  }
});

it('sets only variables that epochd reads', () => {
  const known = SETTINGS.map(({ name }) => name);
  const inCompose = Object.values(services).flatMap(({ environment }) => Object.keys(environment ?? {}));
  const inImages = read('Dockerfile').match(/\bEPOCHD_\w+/g) ?? [];
  for (const name of [...inCompose, ...inImages]) expect(known).toContain(name);
});

it('keeps the queue on disk, evicts nothing, and waits until Redis is healthy', () => {
  expect(services.redis.command?.join(' ')).toBe('redis-server --appendonly yes --maxmemory-policy noeviction');
  expect(services.redis.healthcheck?.test).toEqual(['CMD', 'redis-cli', 'ping']);
  for (const name of ['api', 'worker', 'worker-cuda'] as const) expect(services[name].depends_on?.redis?.condition).toBe('service_healthy');
});

it('publishes the API, which has no authentication, to this machine only', () => {
  expect(services.api.environment).toMatchObject({ EPOCHD_HOST: '0.0.0.0', EPOCHD_INSECURE: 'true' });
  const published = Object.values(services).flatMap(({ ports }) => ports ?? []);
  expect(published).toEqual(['127.0.0.1:8080:8080']);
});

it('shares one volume of runs between the API and the workers, which get time to hand over', () => {
  expect(Object.keys(volumes)).toContain('runs');
  for (const name of ['api', 'worker', 'worker-cuda'] as const) expect(services[name].volumes).toEqual(['runs:/data']);
  const graceSeconds = Number(SETTINGS.find(({ name }) => name === 'EPOCHD_GRACE_SECONDS')?.default);
  for (const name of ['worker', 'worker-cuda'] as const)
    expect(Number.parseInt(services[name].stop_grace_period ?? '', 10)).toBeGreaterThan(2 * graceSeconds);
});

it('starts the GPU worker only in its profile, with the GPUs reserved', () => {
  expect(
    Object.entries(services)
      .filter(([, { profiles }]) => profiles)
      .map(([name]) => name),
  ).toEqual(['worker-cuda']);
  expect(services['worker-cuda'].profiles).toEqual(['gpu']);
  expect(services['worker-cuda'].deploy?.resources.reservations.devices[0]?.capabilities).toEqual(['gpu']);
});
