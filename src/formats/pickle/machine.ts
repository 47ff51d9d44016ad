import { DatasetCorrupt } from '../../contract/errors.ts';

/** A list holds ints, `values[start]` up to `values[end]` of the machine, or lists; never both. */
export interface PickledList {
  readonly kind: 'list';
  start: number;
  end: number;
  readonly lists: PickledList[];
}

/** What REDUCE makes: the name of a callable and its arguments. Nothing is ever called. */
export interface PickledObject {
  readonly kind: 'object';
  readonly callable: string;
  readonly args: readonly PickledValue[];
  state: PickledValue;
}

export interface PickledTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickledValue[];
}

interface PickledGlobal {
  readonly kind: 'global';
  readonly name: string;
}

export type PickledValue = number | string | boolean | null | PickledTuple | PickledGlobal | PickledObject | PickledList;
type Kind = Extract<PickledValue, { kind: string }>['kind'];
export type PickledOf<K extends Kind> = Extract<PickledValue, { kind: K }>;

/** The state of an unpickler: where it reads, and what it has read. */
export interface Machine {
  readonly bytes: Buffer;
  readonly place: string;
  at: number;
  readonly stack: PickledValue[];
  readonly marks: number[];
  readonly memo: Map<number, PickledValue>;
  readonly values: Int32Array;
  valueCount: number;
}

export const newMachine = (bytes: Buffer, place: string): Machine => ({
  bytes,
  place,
  at: 0,
  stack: [],
  marks: [],
  memo: new Map(),
  // An int takes two bytes or more, and no list can be read twice: there are never more values than this.
  values: new Int32Array(bytes.length >> 1),
  valueCount: 0,
});

export const corrupt = (machine: Machine, problem: string): DatasetCorrupt =>
  new DatasetCorrupt(`${machine.place}: pickle byte ${machine.at}: ${problem}`);

/** Moves on by `count` bytes and returns where they start. */
export function take(machine: Machine, count: number): number {
  const start = machine.at;
  if (start + count > machine.bytes.length) throw corrupt(machine, `expected ${count} more bytes, but it is truncated`);
  machine.at = start + count;
  return start;
}

export function takeText(machine: Machine, length: number): string {
  const start = take(machine, length);
  return machine.bytes.toString('utf8', start, start + length);
}

export function takeLine(machine: Machine): string {
  const end = machine.bytes.indexOf(0x0a, machine.at);
  if (end < 0) throw corrupt(machine, 'expected a line, but it is truncated');
  const line = machine.bytes.toString('utf8', machine.at, end);
  machine.at = end + 1;
  return line;
}

export function pop(machine: Machine): PickledValue {
  const value = machine.stack.pop();
  if (value === undefined) throw corrupt(machine, 'expected a value, but the stack is empty');
  return value;
}

export function popMark(machine: Machine): number {
  const mark = machine.marks.pop();
  if (mark === undefined) throw corrupt(machine, 'expected a MARK before it');
  return mark;
}

export function expectKind<K extends Kind>(machine: Machine, value: PickledValue | undefined, kind: K): PickledOf<K> {
  if (isKind(value, kind)) return value;
  throw corrupt(machine, `expected a pickled ${kind}, not ${describe(value)}`);
}

export function expectText(machine: Machine, value: PickledValue | undefined): string {
  if (typeof value !== 'string') throw corrupt(machine, `expected a string, not ${describe(value)}`);
  return value;
}

const isKind = <K extends Kind>(value: PickledValue | undefined, kind: K): value is PickledOf<K> =>
  typeof value === 'object' && value !== null && value.kind === kind;

const describe = (value: PickledValue | undefined): string =>
  typeof value === 'object' && value !== null ? `a pickled ${value.kind}` : String(value).slice(0, 80);
