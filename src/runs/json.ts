/** The object that bytes are as JSON; null for what is none. */
export function parseObject(bytes: Buffer | string): object | null {
  try {
    const value = JSON.parse(bytes.toString()) as unknown;
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
