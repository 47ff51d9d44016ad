import { DatasetCorrupt } from '../contract/errors.ts';

const DTYPES = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '|i1': Int8Array,
  '<i2': Int16Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '|u1': Uint8Array,
  '<u2': Uint16Array,
  '<u4': Uint32Array,
  '<u8': BigUint64Array,
  '|b1': Uint8Array,
} as const;

/** numpy's names of the element types that are read. */
type NumericDescr = keyof typeof DTYPES;

export interface NumericArray {
  readonly kind: 'numeric';
  readonly shape: readonly number[];
  readonly data: InstanceType<(typeof DTYPES)[NumericDescr]>;
}

/** An array of Python objects: what it holds is still a pickle. */
export interface ObjectArray {
  readonly kind: 'object';
  readonly shape: readonly number[];
  readonly pickle: Buffer;
}

export type NpyArray = NumericArray | ObjectArray;

const MAX_HEADER_BYTES = 1 << 20;
const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
const HEADER = /^\{'descr': '([^']+)', 'fortran_order': (True|False), 'shape': \(((?:\d+, ?)*\d*)\),? ?\} *\n?$/;

/**
 * An .npy file, row-major and little-endian. Throws DatasetCorrupt.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function readNpy(bytes: Buffer, place: string): NpyArray {
  const { header, dataStart } = splitHeader(bytes, place);
  const match = HEADER.exec(header);
  if (!match) throw new DatasetCorrupt(`${place}: expected an .npy header with descr, fortran_order and shape, not ${brief(header)}`);
  const [, descr = '', fortran, dimensions = ''] = match;
  const shape = readShape(dimensions, place);
  const data = bytes.subarray(dataStart);
  if (descr === '|O' || descr === 'O') return { kind: 'object', shape, pickle: data };
  if (!isNumeric(descr)) throw new DatasetCorrupt(`${place}: expected one of ${Object.keys(DTYPES).join(' ')}, not dtype ${brief(descr)}`);
  if (fortran === 'True') throw new DatasetCorrupt(`${place}: expected row-major (C) order, not fortran_order True`);
  return { kind: 'numeric', shape, data: readData(descr, shape, data, place) };
}

function splitHeader(bytes: Buffer, place: string): { header: string; dataStart: number } {
  if (bytes.length < 12 || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new DatasetCorrupt(`${place}: expected an .npy file, but it does not start with \\x93NUMPY`);
  }
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) throw new DatasetCorrupt(`${place}: expected .npy version 1, 2 or 3, not ${version}`);
  const start = version === 1 ? 10 : 12;
  const dataStart = start + (version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (dataStart > MAX_HEADER_BYTES)
    throw new DatasetCorrupt(`${place}: expected a header of at most ${MAX_HEADER_BYTES} bytes, not ${dataStart}`);
  if (dataStart > bytes.length)
    throw new DatasetCorrupt(`${place}: expected a header of ${dataStart} bytes, but it ends at ${bytes.length}`);
  return { header: bytes.toString('latin1', start, dataStart), dataStart };
}

function readShape(dimensions: string, place: string): number[] {
  const shape = dimensions.split(',').filter(hasDigits).map(Number);
  if (!Number.isSafeInteger(shape.reduce((product, size) => product * Math.max(1, size), 1))) {
    throw new DatasetCorrupt(`${place}: shape (${brief(dimensions)}) has more elements than can be counted`);
  }
  return shape;
}

const hasDigits = (text: string): boolean => text.trim() !== '';

const isNumeric = (descr: string): descr is NumericDescr => Object.hasOwn(DTYPES, descr);

function readData(descr: NumericDescr, shape: readonly number[], data: Buffer, place: string): NumericArray['data'] {
  const ArrayType = DTYPES[descr];
  const expected = shape.reduce((product, size) => product * size, ArrayType.BYTES_PER_ELEMENT);
  if (expected !== data.length) {
    throw new DatasetCorrupt(`${place}: shape (${shape.join(', ')}) of ${descr} takes ${expected} bytes, but it has ${data.length}`);
  }
  // Copied, because a typed array must start at a multiple of its element size.
  return new ArrayType(new Uint8Array(data).buffer);
}

const brief = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}...` : text);
