import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { socketAddress } from '../scripts/redis-address.mjs';
import { buildApp } from '../src/http/app.ts';
import { openApiYaml } from '../src/http/openapi.ts';
import { openQueue } from '../src/queue/queue.ts';
import { openFolder } from '../src/storage/folder.ts';
import { folderOfAllTests } from './folders.ts';

interface Operation {
  operationId: string;
  parameters?: { in: string; name: string }[];
  responses: Record<string, { description: string }>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const folder = folderOfAllTests();
let yaml: string;
let routes: string[];
let document: { openapi: string; paths: Record<string, Record<string, Operation>> };

beforeAll(async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  // Nothing is asked of Redis here.
  const queue = await openQueue({ redis: socketAddress(join(folder, 'none.sock')), queueName: 'jobs' });
  const app = await buildApp({
    blobs: await openFolder(folder),
    queue,
    dataDir: folder,
    version,
    log: pino({ level: 'silent' }),
    loopbackOnly: true,
  });
  yaml = openApiYaml(app);
  document = parse(yaml);
  routes = routesOf(app.printRoutes({ commonPrefix: false }));
  await app.close();
  await queue.close();
});

/** Fastify's own drawing of its routes, as "GET /v1/jobs/{id}". */
function routesOf(drawing: string): string[] {
  const trail: string[] = [];
  return drawing.split('\n').flatMap((line) => {
    const [, indent = '', path = '', methods = ''] = /^([│ ]*)[├└]── (\S+) \(([^)]*)\)/.exec(line) ?? [];
    if (path === '') return [];
    trail.length = indent.length / 4;
    trail.push(path);
    const url = trail.join('').replace(/:(\w+)/g, '{$1}');
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${url}`);
  });
}

const operations = (): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method.toUpperCase()} ${path}`, operation]),
  );

describe('openapi.yaml', () => {
  it('is what the routes say (write it anew with: npx vitest run test/openapi.test.ts -u)', async () => {
    await expect(yaml).toMatchFileSnapshot('../openapi.yaml');
  });

  it('holds every route that Fastify has, and no other', () => {
    const served = routes.filter((route) => !route.includes(' /docs'));
    expect(served.length).toBeGreaterThan(20);
    expect(
      operations()
        .map(([route]) => route)
        .sort(),
    ).toEqual(served.sort());
  });

  it('is OpenAPI 3.1, with an own id, a summary of its answers and a problem for each operation', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = operations().map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [route, { responses, operationId }] of operations()) {
      expect(METHODS, route).toContain(route.split(' ')[0]?.toLowerCase());
      expect(operationId, route).toMatch(/^[a-z][A-Za-z]+$/);
      expect(responses, route).toHaveProperty('default');
      for (const { description } of Object.values(responses)) expect(description, route).not.toBe('Default Response');
    }
  });

  it('declares each path parameter, and nothing twice', () => {
    for (const [route, { parameters = [] }] of operations()) {
      const inPath = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(
        parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
        route,
      ).toEqual(inPath);
      const names = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size, route).toBe(names.length);
    }
  });

  it('has a schema for each reference', () => {
    const references = [...yaml.matchAll(/\$ref: "?#\/([^\s"]+)"?/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(20);
    for (const path of references) {
      const found = path.split('/').reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
      expect(found, path).toBeTypeOf('object');
    }
  });
});
