import { corrupt, expectKind, expectText, type Machine, type PickledValue, pop, popMark, take, takeLine, takeText } from './machine.ts';
import type { Opcode } from './opcodes.ts';

type Handler = (machine: Machine) => void;

/** What numpy's array pickles name, in numpy 1 and 2. None of it is ever called. */
const GLOBALS = new Set([
  'numpy.core.multiarray._reconstruct',
  'numpy._core.multiarray._reconstruct',
  'numpy.ndarray',
  'numpy.dtype',
  '_codecs.encode',
]);

/** The opcodes that numpy writes, in protocols 2 to 4, for an object array of lists of ints, but for the ints and STOP. */
export const HANDLERS: Partial<Record<Opcode, Handler>> = {
  PROTO: readProtocol,
  FRAME: (m) => void take(m, 8),
  GLOBAL: (m) => pushGlobal(m, takeLine(m), takeLine(m)),
  STACK_GLOBAL: pushStackGlobal,
  BINPUT: (m) => remember(m, m.bytes.readUInt8(take(m, 1))),
  LONG_BINPUT: (m) => remember(m, m.bytes.readUInt32LE(take(m, 4))),
  MEMOIZE: (m) => remember(m, m.memo.size),
  BINGET: (m) => recall(m, m.bytes.readUInt8(take(m, 1))),
  LONG_BINGET: (m) => recall(m, m.bytes.readUInt32LE(take(m, 4))),
  NONE: (m) => push(m, null),
  NEWTRUE: (m) => push(m, true),
  NEWFALSE: (m) => push(m, false),
  BINUNICODE: (m) => push(m, takeText(m, m.bytes.readUInt32LE(take(m, 4)))),
  SHORT_BINUNICODE: (m) => push(m, takeText(m, m.bytes.readUInt8(take(m, 1)))),
  SHORT_BINSTRING: (m) => push(m, takeText(m, m.bytes.readUInt8(take(m, 1)))),
  SHORT_BINBYTES: (m) => push(m, takeText(m, m.bytes.readUInt8(take(m, 1)))),
  MARK: (m) => void m.marks.push(m.stack.length),
  TUPLE: (m) => pushTuple(m, popMark(m)),
  TUPLE1: (m) => pushTuple(m, m.stack.length - 1),
  TUPLE2: (m) => pushTuple(m, m.stack.length - 2),
  TUPLE3: (m) => pushTuple(m, m.stack.length - 3),
  EMPTY_LIST: (m) => push(m, { kind: 'list', start: m.valueCount, end: m.valueCount, lists: [] }),
  APPEND: (m) => extend(m, m.stack.length - 1),
  APPENDS: (m) => extend(m, popMark(m)),
  REDUCE: reduce,
  BUILD: build,
};

function push(machine: Machine, value: PickledValue): void {
  machine.stack.push(value);
}

function readProtocol(machine: Machine): void {
  const version = machine.bytes.readUInt8(take(machine, 1));
  if (version < 2 || version > 4) throw corrupt(machine, `expected protocol 2, 3 or 4, not ${version}`);
}

function pushGlobal(machine: Machine, module: string, attribute: string): void {
  const name = `${module}.${attribute}`;
  if (!GLOBALS.has(name))
    throw corrupt(machine, `refused global ${JSON.stringify(name.slice(0, 200))}: expected one of ${[...GLOBALS].join(', ')}`);
  push(machine, { kind: 'global', name });
}

function pushStackGlobal(machine: Machine): void {
  const attribute = expectText(machine, pop(machine));
  pushGlobal(machine, expectText(machine, pop(machine)), attribute);
}

function remember(machine: Machine, key: number): void {
  const value = machine.stack.at(-1);
  if (value === undefined) throw corrupt(machine, 'expected a value to remember, but the stack is empty');
  machine.memo.set(key, value);
}

/** A list that is read twice would let a small file stand for any number of values. */
function recall(machine: Machine, key: number): void {
  const value = machine.memo.get(key);
  if (value === undefined) throw corrupt(machine, `expected memo entry ${key} to be there`);
  if (typeof value === 'object' && value?.kind === 'list') throw corrupt(machine, 'refused a list that occurs twice');
  push(machine, value);
}

function pushTuple(machine: Machine, from: number): void {
  if (from < 0 || from > machine.stack.length) throw corrupt(machine, 'expected the items of a tuple on the stack');
  push(machine, { kind: 'tuple', items: machine.stack.splice(from) });
}

function reduce(machine: Machine): void {
  const { items } = expectKind(machine, pop(machine), 'tuple');
  const { name } = expectKind(machine, pop(machine), 'global');
  push(machine, { kind: 'object', callable: name, args: items, state: null });
}

function build(machine: Machine): void {
  const state = pop(machine);
  expectKind(machine, machine.stack.at(-1), 'object').state = state;
}

/** Moves the stack from `from` up into the list just below it. */
function extend(machine: Machine, from: number): void {
  const { stack, values } = machine;
  const list = expectKind(machine, stack[from - 1], 'list');
  if (list.start === list.end) list.start = machine.valueCount;
  for (let index = from; index < stack.length; index++) {
    const item = stack[index];
    if (typeof item === 'number') values[machine.valueCount++] = item;
    else list.lists.push(expectKind(machine, item, 'list'));
  }
  stack.length = from;
  list.end = machine.valueCount;
  if (list.lists.length > 0 && list.end > list.start) throw corrupt(machine, 'refused a list of both ints and lists');
}
