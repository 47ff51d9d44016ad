import { existsSync } from 'node:fs';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EngineInfo } from '../src/contract/engine-info.ts';
import { ADDON_FILE } from '../src/engines/core/native.ts';
import { MAIN, notBuilt } from './built.ts';
import { serve, submit, temporaryDataDir, untilJob } from './epochd.ts';
import { folderOfAllTests } from './folders.ts';
import { skipReason } from './skip.ts';
import { QUICK } from './small-jobs.ts';

const reason = skipReason(
  'the product with and without its addon',
  notBuilt,
  existsSync(ADDON_FILE) ? null : `${ADDON_FILE} is not there to be hidden: run node core/build.mjs`,
);

/** What the product runs on, apart from the addon. */
const PARTS = ['package.json', 'dist', 'core/core.wasm', 'core/hosts/wasm-thread.mjs'];
const LINKED = ['assets', 'node_modules', 'scripts'];

describe.skipIf(reason)('epochd without its addon', () => {
  const copy = folderOfAllTests();
  beforeAll(async () => {
    await mkdir(join(copy, 'core'));
    for (const part of PARTS) await cp(part, join(copy, part), { recursive: true });
    for (const part of LINKED) await symlink(resolve(part), join(copy, part));
  });

  test('says that it is slower, trains with WebAssembly under its name, and learns the same', { timeout: 180_000 }, async () => {
    const native = await trainQuick(MAIN);
    const wasm = await trainQuick(join(copy, 'dist', 'main.js'));
    expect(native.said).not.toContain('WebAssembly');
    expect(wasm.said).toContain('training goes on with the slower WebAssembly');
    for (const [{ offered, used }, variant] of [
      [native, expect.stringMatching(/^native-\w+$/)],
      [wasm, 'wasm-simd128'],
    ] as const) {
      expect(offered.filter(({ name }) => name === 'core')).toEqual([expect.objectContaining({ variant })]);
      expect(used).toMatchObject({ name: 'core', variant });
    }
    expect(wasm.losses).toHaveLength(QUICK.training.epochs);
    for (const [epoch, loss] of wasm.losses.entries()) expect(loss, `val_loss of epoch ${epoch + 1}`).toBeCloseTo(native.losses[epoch]!, 4);
  });
});

/** What the service at `main` offers, and what it made of one job. */
async function trainQuick(main: string) {
  const dataDir = await temporaryDataDir();
  const service = await serve(dataDir.path, {}, 'serve', main);
  const get = async (path: string): Promise<unknown> => (await fetch(`${service.url}/v1/${path}`)).json();
  try {
    const id = await submit(service, QUICK);
    await untilJob(service.client, id, ({ state }) => state === 'succeeded');
    const { engines } = (await get('capabilities')) as { engines: EngineInfo[] };
    const { engine } = (await get(`jobs/${id}/manifest`)) as { engine: EngineInfo };
    const { history } = await service.client.history(id);
    return { offered: engines, used: engine, losses: history['val_loss']?.map(Number) ?? [], said: service.said.stderr };
  } finally {
    await service.end('SIGTERM');
    await dataDir.remove();
  }
}
