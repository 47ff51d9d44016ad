/** numpy's names of the element types that are written. */
type Descr = '<i4' | '<f4' | '<u2' | '|u1';

/** An .npy file, version 1.0, row-major: the data starts at a multiple of 64 bytes. `data` must be of the type that `descr` names. */
export function toNpy(descr: Descr, shape: readonly number[], data: NodeJS.TypedArray): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, Buffer.from(header, 'latin1'), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
