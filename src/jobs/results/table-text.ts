import { setImmediate as nextRound } from 'node:timers/promises';

/** A row of a table of numbers, by the names of its columns; null for what is not finite. */
export type Row = Readonly<Record<string, number | null>>;

type Batches = Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>;

/** `{"by": ..., "points": [...]}`, batch by batch. Between them others have their turn. */
export async function* jsonText(by: string, batches: Batches): AsyncGenerator<string, void> {
  yield `{"by":${JSON.stringify(by)},"points":[`;
  let separator = '';
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    yield separator + JSON.stringify(batch).slice(1, -1);
    separator = ',';
    await nextRound();
  }
  yield ']}';
}

/** RFC 4180, with a header line, batch by batch; what is null is empty. Between batches others have their turn. */
export async function* csvText(columns: readonly string[], batches: Batches): AsyncGenerator<string, void> {
  const line = (fields: readonly (string | number)[]): string => `${fields.join(',')}\r\n`;
  yield line(columns);
  for await (const batch of batches) {
    yield batch.map((row) => line(columns.map((column) => row[column] ?? ''))).join('');
    await nextRound();
  }
}
