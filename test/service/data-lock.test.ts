import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { DataFolderTaken, holdDataFolder } from '../../src/service/data-lock.ts';
import { socketFolder } from '../../src/service/socket-folder.ts';
import { temporaryFolder } from '../folders.ts';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

test('a folder is held by one at a time, and free again once it is given back', async () => {
  const release = await holdDataFolder('./data', folder);
  await expect(holdDataFolder('./data', folder)).rejects.toThrow(DataFolderTaken);
  await expect(holdDataFolder('./data', folder)).rejects.toThrow(`(process ${process.pid}) works on ./data`);
  await release();
  const again = await holdDataFolder('./data', folder);
  await again();
  expect(await readdir(folder)).toEqual([]);
});

test('of many that start together at most one gets the folder', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => holdDataFolder('./data', folder)));
  const held = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  expect(held.length).toBeLessThanOrEqual(1);
  await Promise.all(held.map((outcome) => outcome.value()));
});

test('a killed process holds nothing', async () => {
  const script = join(folder, 'hold.mjs');
  const socket = join(folder, 'serve.1.killed');
  await writeFile(
    script,
    `import { createServer } from 'node:net'; createServer().listen(${JSON.stringify(socket)}, () => process.send('held'));`,
  );
  const child = fork(script);
  await once(child, 'message');
  await expect(holdDataFolder('./data', folder)).rejects.toThrow(DataFolderTaken);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await readdir(folder)).toContain('serve.1.killed');
  const release = await holdDataFolder('./data', folder);
  expect(await readdir(folder)).not.toContain('serve.1.killed');
  await release();
});

test('sockets lie in the data folder, for this user only', async () => {
  const sockets = await socketFolder(folder);
  expect(sockets).toBe(join(folder, 'sockets'));
  expect((await stat(sockets)).mode & 0o777).toBe(0o700);
});

test('a path too long for a socket gives way to a short one that is the same every time', async () => {
  const deep = join(folder, 'd'.repeat(90));
  await mkdir(deep);
  const sockets = await socketFolder(deep);
  try {
    expect(sockets.length).toBeLessThan(75);
    expect(await socketFolder(deep)).toBe(sockets);
    expect(await socketFolder(`${deep}e`)).not.toBe(sockets);
    await chmod(sockets, 0o777);
    expect((await stat(await socketFolder(deep))).mode & 0o777).toBe(0o700);
    await (await holdDataFolder(deep, sockets))();
  } finally {
    await rm(sockets, { recursive: true, force: true });
    await rm(await socketFolder(`${deep}e`), { recursive: true, force: true });
  }
});
