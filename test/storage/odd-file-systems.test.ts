import { describe, expect, test } from 'vitest';
import { type Fault, faultyFiles, missingShim } from '../disks/faulty-files.ts';
import { another, said } from './another.ts';
import { open } from './folder-place.ts';

if (missingShim) console.warn(`SKIPPED: blobs on odd file systems: ${missingShim}`);

describe.skipIf(missingShim)('a file system', () => {
  const calls = async (faults: readonly Fault[], ...asked: unknown[][]): Promise<unknown[]> => {
    const place = await open();
    await place.blobs.put('a/old', 'old');
    const files = faultyFiles();
    await files.fail(...faults);
    const answers = await said(another(place, 'call', asked, files.env));
    return [...answers, await place.files()];
  };

  test('without hard links replaces, but creates and copies nothing', async () => {
    const answers = await calls([['link', 'EPERM', '/']], ['put', 'a/old', 'new'], ['putIfAbsent', 'a/new', ''], ['copy', 'a/old', 'b']);
    const without = expect.stringMatching(/^storage_unavailable: .*file system without hard links \(EPERM\)/) as unknown;
    expect(answers).toEqual([null, without, without, ['a', 'a/old', 'tmp']]);
  });

  test('whose answer to a link was lost has made it once, for whoever asked', async () => {
    const answers = await calls(
      [['linked', 'EEXIST', '/a/new']],
      ['putIfAbsent', 'a/new', 'x'],
      ['putIfAbsent', 'a/new', 'y'],
      ['size', 'a/new'],
    );
    expect(answers).toEqual([true, false, 1, ['a', 'a/new', 'a/old', 'tmp']]);
  });

  test.each(['EINVAL', 'ENOTSUP'] as const)('that cannot flush folders (%s) does what it can', async (code) => {
    expect(await calls([['fsync', code, '/']], ['put', 'a/b/c', 'x'], ['putIfAbsent', 'a/d', 'x'])).toEqual([
      null,
      true,
      ['a', 'a/b', 'a/b/c', 'a/d', 'a/old', 'tmp'],
    ]);
  });

  test('that fails to flush the folder of a blob, or one that leads to it, has not kept it', async () => {
    for (const folder of ['/a/b/c$', '/a/b$', '/a$'])
      expect((await calls([['fsync', 'EIO', folder]], ['put', 'a/b/c/d', 'x']))[0], folder).toMatch(/^storage_unavailable: .*EIO/);
    const [lost, told] = await calls([['fsync', 'EIO', '/a']], ['putIfAbsent', 'a/b', 'x'], ['putIfAbsent', 'a/b', 'x']);
    expect(lost).toMatch(/^storage_unavailable/);
    expect(told, 'who comes second is not told that it is there before it is kept').toMatch(/^storage_unavailable/);
  });

  test.each(['EACCES', 'EIO', 'EMFILE', 'ESTALE', 'EROFS'] as const)(
    'that fails (%s) is unavailable, and says nothing else',
    async (code) => {
      const faults = (['open', 'mkdir', 'rename', 'link', 'scandir', 'unlink'] as const).map((call): Fault => [call, code, '/a/']);
      const answers = await calls(
        [...faults, ['scandir', code, '/a'], ['rename', code, '/tmp/']],
        ['put', 'a/b/c', 'x'],
        ['putIfAbsent', 'a/b', 'x'],
        ['get', 'a/old'],
        ['get', 'a/old', { start: 0, end: 1 }],
        ['stream', 'a/old'],
        ['children', 'a'],
        ['copy', 'a/old', 'a/b/c'],
        ['remove', ['a/old']],
        ['removeAll', 'a'],
      );
      const files = answers.pop();
      expect(answers).toEqual(
        answers.map(() => expect.stringMatching(new RegExp(`^storage_unavailable: .*(${code}|error -116)`)) as unknown),
      );
      expect(files).toEqual(['a', 'a/old', 'tmp']);
    },
  );
});
