import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { UsageError } from './arguments.ts';
import { type BenchModel, benchModelSchema, timeModel } from './bench-model.ts';
import type { Command } from './command.ts';

const MODELS = fileURLToPath(new URL('../../bench/models.json', import.meta.url));

export const benchCommand: Command = {
  usage: `usage: npm run bench -- --engine NAME [--models FILE] [--only NAME]
Times the training step of each model in FILE (default bench/models.json), or of the one named, and prints a JSON line for each:
milliseconds a step, best and median of five passes after a warm-up. Compare with a peer in the same run: times drift between runs.`,
  options: ['models', 'only'],
  async run(engine, { models: file = MODELS, only }, print) {
    const models = await readModels(file);
    const chosen = models.filter(({ name }) => only === undefined || name === only);
    if (chosen.length === 0) {
      throw new UsageError(`${file} has no model ${only ?? ''}: expected one of ${models.map(({ name }) => name).join(', ')}`);
    }
    for (const model of chosen) {
      const { best, median } = timeModel(engine, model);
      const { name, variant } = engine.info;
      print({ engine: name, variant, model: model.name, best_ms: round(best), median_ms: round(median) });
    }
    return true;
  },
};

async function readModels(file: string): Promise<BenchModel[]> {
  const parsed = z.array(benchModelSchema).safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new UsageError(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

const round = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
