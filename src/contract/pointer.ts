const MAX_KEY = 200;

/** RFC 6901. A key of unreasonable length ends the pointer at the object that holds it. */
export function pointerOf(path: readonly PropertyKey[]): string {
  const tooLong = path.findIndex((key) => String(key).length > MAX_KEY);
  return (tooLong < 0 ? path : path.slice(0, tooLong)).map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
