import { expect, it } from 'vitest';
import { DatasetCorrupt } from '../../src/contract/errors.ts';
import { readNpy } from '../../src/formats/npy.ts';
import { bytesOf, npy, npyFile } from './archive.ts';

it.each([
  ['<f4', '3,', Float32Array.of(1.5, -2, Number.NaN)],
  ['<f8', '2, 2', Float64Array.of(1, 2, 3, 4)],
  ['<i4', '1, 2, 2', Int32Array.of(1, -2, 3, 4)],
  ['<i8', '2,', BigInt64Array.of(-1n, 2n ** 62n)],
  ['|u1', '4,', Uint8Array.of(0, 1, 254, 255)],
  ['<u2', '2,', Uint16Array.of(0, 65535)],
  ['|b1', '2,', Uint8Array.of(0, 1)],
  ['<f4', '', Float32Array.of(7)],
  ['<f4', '0, 5', Float32Array.of()],
])('reads %s arrays of shape (%s)', (descr, shape, data) => {
  const expected = { kind: 'numeric', shape: shape.split(',').flatMap((size) => (size.trim() ? [Number(size)] : [])), data };
  expect(readNpy(npy(descr, shape, bytesOf(data)), 'x.npy')).toEqual(expected);
});

it.each([2, 3])('reads version %i, whose header may be longer', (version) => {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }${' '.repeat(70_000)}\n`;
  expect(readNpy(npyFile(header, Uint8Array.of(9), version), 'x.npy')).toMatchObject({ shape: [1], data: Uint8Array.of(9) });
});

it('leaves an array of objects as the pickle it is', () => {
  expect(readNpy(npy('|O', '2,', Buffer.from('abc')), 'x.npy')).toEqual({ kind: 'object', shape: [2], pickle: Buffer.from('abc') });
});

const four = new Uint8Array(4);
const header = (text: string) => npyFile(text, four);

it.each<[string, Buffer, RegExp]>([
  ['an empty file', Buffer.alloc(0), /expected an \.npy file/],
  ['another magic', Buffer.from('PK\x03\x04 is not an array'), /expected an \.npy file/],
  ['a version of the future', npyFile('{}', four, 4), /expected \.npy version 1, 2 or 3, not 4/],
  ['a header that is longer than the file', npy('<f4', '1,', four).subarray(0, 40), /expected a header of \d+ bytes, but it ends at 40/],
  [
    'a header of 4 GiB',
    npyFile('', Buffer.alloc(4, 0xff), 2).fill(0xff, 8, 12),
    /expected a header of at most 1048576 bytes, not 4294967307/,
  ],
  ['a header that is no dictionary', header('import os'), /expected an \.npy header with descr, fortran_order and shape/],
  ['a header with code in it', header("{'descr': '<f4', 'fortran_order': False, 'shape': (exit(),), }"), /expected an \.npy header/],
  ['a negative size', npy('<f4', '-1,', four), /expected an \.npy header/],
  ['a shape that overflows', npy('<f4', `${2 ** 32}, ${2 ** 32}, 4`, four), /more elements than can be counted/],
  ['a shape that overflows behind a zero', npy('<f4', `0, ${'9'.repeat(400)}`, four), /more elements than can be counted/],
  [
    'a shape that is larger than its data',
    npy('<f4', '1000000000,', four),
    /shape \(1000000000\) of <f4 takes 4000000000 bytes, but it has 4/,
  ],
  ['data that is larger than its shape', npy('|u1', '3,', four), /shape \(3\) of \|u1 takes 3 bytes, but it has 4/],
  ['Fortran order', header("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }"), /expected row-major \(C\) order/],
  ['big-endian numbers', npy('>f4', '1,', four), /expected one of <f4 .*, not dtype ">f4"/],
  ['complex numbers', npy('<c8', '1,', four), /not dtype "<c8"/],
  ['a name that every object has', npy('constructor', '1,', four), /not dtype "constructor"/],
])('refuses %s', (_, bytes, message) => {
  const read = () => readNpy(bytes, 'data.npz: x.npy');
  expect(read).toThrow(DatasetCorrupt);
  expect(read).toThrow(/^data\.npz: x\.npy: /);
  expect(read).toThrow(message);
});
