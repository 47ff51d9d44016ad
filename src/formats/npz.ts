import { rowCount, type Sequences } from '../contract/arrays.ts';
import { DatasetCorrupt } from '../contract/errors.ts';
import { type NpyArray, type NumericArray, readNpy } from './npy.ts';
import { readPickledLists } from './pickle/pickle.ts';
import { unzip } from './zip.ts';

const MAX_UNPACKED_BYTES = 256 * 2 ** 20;

/** A set of named arrays. */
export interface Npz {
  /** What errors call it. */
  readonly file: string;
  readonly names: readonly string[];
  /** Throws DatasetCorrupt when there is no such member, or it holds objects. */
  numbers(name: string): NumericArray;
  /** A 1-D array of Python lists of ints. Throws DatasetCorrupt when it is anything else. */
  lists(name: string): Sequences;
}

/** Reads numpy's .npz. Throws DatasetCorrupt, also for more than 256 MiB of arrays. */
export async function readNpz(bytes: Buffer, file: string): Promise<Npz> {
  const arrays = new Map<string, NpyArray>();
  for (const [member, content] of await unzip(bytes, file, MAX_UNPACKED_BYTES)) {
    if (!member.endsWith('.npy')) throw new DatasetCorrupt(`${file}: ${member}: expected only members that end in .npy`);
    arrays.set(member.slice(0, -4), readNpy(content, `${file}: ${member}`));
  }

  function get<K extends NpyArray['kind']>(name: string, kind: K): Extract<NpyArray, { kind: K }> {
    const array = arrays.get(name);
    if (!array) throw new DatasetCorrupt(`${file}: expected a member ${name}.npy among ${[...arrays.keys()].join(', ') || 'none'}`);
    if (!isKind(array, kind)) throw new DatasetCorrupt(`${file}: ${name}.npy: expected an array of kind ${kind}, not ${array.kind}`);
    return array;
  }

  function lists(name: string): Sequences {
    const { shape, pickle } = get(name, 'object');
    const sequences = readPickledLists(pickle, `${file}: ${name}.npy`);
    if (shape.length !== 1 || shape[0] !== rowCount(sequences)) {
      throw new DatasetCorrupt(`${file}: ${name}.npy: expected ${rowCount(sequences)} lists in shape (${shape.join(', ')})`);
    }
    return sequences;
  }

  return { file, names: [...arrays.keys()], numbers: (name) => get(name, 'numeric'), lists };
}

const isKind = <K extends NpyArray['kind']>(array: NpyArray, kind: K): array is Extract<NpyArray, { kind: K }> => array.kind === kind;
