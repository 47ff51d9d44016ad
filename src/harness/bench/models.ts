import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UsageError } from '../arguments.ts';
import { type BenchModel, benchModelSchema } from './model.ts';

/** The models in a file like bench/models.json, or the one named `only`. Throws UsageError. */
export async function readModels(file: string, only: string | undefined): Promise<BenchModel[]> {
  const parsed = z.array(benchModelSchema).safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new UsageError(`${file}: ${z.prettifyError(parsed.error)}`);
  const chosen = parsed.data.filter(({ name }) => only === undefined || name === only);
  if (chosen.length > 0) return chosen;
  throw new UsageError(`${file} has no model ${only ?? ''}: expected one of ${parsed.data.map(({ name }) => name).join(', ')}`);
}
