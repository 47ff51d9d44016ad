import type { Sequences } from '../../contract/arrays.ts';
import { HANDLERS } from './handlers.ts';
import { corrupt, expectKind, expectText, type Machine, newMachine, type PickledList, pop, take } from './machine.ts';
import { OPCODES, opcodeName } from './opcodes.ts';

/**
 * The lists of ints in the pickle of a 1-D numpy object array. Nothing is ever executed: opcodes and globals that such an
 * array does not need are refused by name. Throws DatasetCorrupt.
 */
export function readPickledLists(bytes: Buffer, place: string): Sequences {
  const machine = newMachine(bytes, place);
  run(machine);
  if (machine.at !== bytes.length) throw corrupt(machine, `expected the end here, but ${bytes.length - machine.at} bytes follow`);
  return toSequences(machine, arrayItems(machine));
}

/** Numpy stacks at most 1000 items, and needs about four opcodes a list; without limits a small file would fill the memory. */
const MAX_STACK = 1 << 20;
const MAX_OPCODES = 1 << 20;

/** Ints are nearly all there is (six million in imdb.npz), so they do not go through the table and do not count. */
function run(machine: Machine): void {
  const { bytes, stack } = machine;
  let opcodes = 0;
  for (;;) {
    if (stack.length > MAX_STACK) throw corrupt(machine, `expected at most ${MAX_STACK} values on the stack`);
    const byte = bytes[take(machine, 1)] ?? 0;
    if (byte === OPCODES.BININT1) {
      stack.push(bytes[take(machine, 1)] ?? 0);
    } else if (byte === OPCODES.BININT2) {
      const start = take(machine, 2);
      stack.push((bytes[start] ?? 0) | ((bytes[start + 1] ?? 0) << 8));
    } else if (byte === OPCODES.BININT) {
      stack.push(bytes.readInt32LE(take(machine, 4)));
    } else if (byte === OPCODES.STOP) {
      return;
    } else {
      if (++opcodes > MAX_OPCODES) throw corrupt(machine, `expected at most ${MAX_OPCODES} opcodes that are not ints`);
      const name = opcodeName(byte);
      const handle = name && HANDLERS[name];
      if (!handle) throw corrupt(machine, `refused opcode ${name ?? `0x${byte.toString(16)}`}: expected a numpy array of lists of ints`);
      handle(machine);
    }
  }
}

/** numpy's state of an array is (version, shape, dtype, is_fortran, items). */
function arrayItems(machine: Machine): PickledList {
  const array = expectKind(machine, pop(machine), 'object');
  if (!array.callable.endsWith('._reconstruct')) throw corrupt(machine, `expected a numpy array, not what ${array.callable} makes`);
  const [, shape, dtype, , items] = expectKind(machine, array.state, 'tuple').items;
  const element = expectText(machine, expectKind(machine, dtype, 'object').args[0]);
  if (!element.startsWith('O')) throw corrupt(machine, `expected an array of objects (O8), not of ${element}`);
  const list = expectKind(machine, items, 'list');
  const { items: sizes } = expectKind(machine, shape, 'tuple');
  if (sizes.length !== 1 || sizes[0] !== list.lists.length) {
    throw corrupt(machine, `expected shape (${list.lists.length},) for ${list.lists.length} lists, not ${JSON.stringify(sizes)}`);
  }
  return list;
}

function toSequences(machine: Machine, { lists }: PickledList): Sequences {
  const offsets = new Int32Array(lists.length + 1);
  for (const [row, list] of lists.entries()) {
    if (list.lists.length > 0) throw corrupt(machine, `expected ints in list ${row}, not lists`);
    if (list.start !== offsets[row]) throw corrupt(machine, `expected list ${row} to follow the one before it`);
    offsets[row + 1] = list.end;
  }
  return { values: machine.values.subarray(0, machine.valueCount), offsets };
}
