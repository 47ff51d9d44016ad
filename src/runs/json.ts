import { createHash } from 'node:crypto';

/** The object that bytes are as JSON; null for what is none. */
export function parseObject(bytes: Buffer | string): object | null {
  try {
    const value = JSON.parse(bytes.toString()) as unknown;
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** The sha256 of all that stands before it. */
const SEAL = /,"seal":"([0-9a-f]{64})"\}\s*$/;

/** JSON of an object that is not empty, by which `parseSealed` sees whether a bit of it was changed. */
export function sealed(object: object): string {
  const open = JSON.stringify(object).slice(0, -1);
  return `${open},"seal":"${sha256(open)}"}`;
}

/** The object without its seal, that of version 0.1.0 had none; null for what is no object, and for one that is not as it was sealed. */
export function parseSealed(bytes: Buffer | string): object | null {
  const text = bytes.toString();
  const found = SEAL.exec(text);
  if (found === null) return parseObject(text);
  const open = text.slice(0, found.index);
  return sha256(open) === found[1] ? parseObject(`${open}}`) : null;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
