/** The same values, once the first one is there: what keeps it from coming is thrown here. Whoever takes them no further calls `return`. */
export async function begun<T>(source: AsyncGenerator<T, void>): Promise<AsyncIterableIterator<T>> {
  let first: IteratorResult<T, void> | null = await source.next();
  const values: AsyncIterableIterator<T> = {
    [Symbol.asyncIterator]: () => values,
    async next() {
      const result = first ?? (await source.next());
      first = null;
      return result;
    },
    return: async () => source.return(),
  };
  return values;
}
