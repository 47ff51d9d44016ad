import { join } from 'node:path';
import { type Recording, readCases, readRecording } from '../src/harness/keras/recording.ts';

/* What Keras recorded, by the programs beside the recordings. */

export const GOLDEN = join(import.meta.dirname, 'golden');

interface GoldenCase {
  readonly name: string;
  readonly read: () => Promise<Recording>;
}

/** Every trajectory there is. */
export async function goldenCases(): Promise<GoldenCase[]> {
  const folders = ['', 'more', 'dropout'].map((folder) => join(GOLDEN, folder));
  const cases = folders.map(async (folder) =>
    Object.entries(await readCases(folder)).map(([name, entry]) => ({ name, read: () => readRecording(folder, name, entry) })),
  );
  return (await Promise.all(cases)).flat();
}

/** One of those in the folder itself. */
export const readGolden = async (name: string): Promise<Recording> => readRecording(GOLDEN, name, (await readCases(GOLDEN))[name]);
