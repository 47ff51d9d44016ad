import { type Zippable, zipSync } from 'fflate';

/** An .npy file with exactly this header and data. */
export function npyFile(header: string, data: Uint8Array, version = 1): Buffer {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), length, Buffer.from(header, 'latin1'), data]);
}

export const npy = (descr: string, shape: string, data: Uint8Array): Buffer =>
  npyFile(`{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }\n`, data);

export const bytesOf = (array: ArrayBufferView): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

export const zip = (members: Zippable): Buffer => Buffer.from(zipSync(members, { mtime: new Date(1980, 0, 1) }));

/** Where the local header and the directory entry of the only member are. */
export const localHeader = 0;
export const directoryEntry = (archive: Buffer): number => archive.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
export const endRecord = (archive: Buffer): number => archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));

/** A copy of `bytes` that `change` has changed. */
export function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}
