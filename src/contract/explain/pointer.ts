const MAX_LENGTH = 400;

/** RFC 6901. Keys of unreasonable length end the pointer at the object that holds them. */
export function pointerOf(path: readonly PropertyKey[]): string {
  let pointer = '';
  for (const key of path) {
    const name = String(key);
    if (pointer.length + name.length > MAX_LENGTH) break;
    pointer += `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return pointer;
}
