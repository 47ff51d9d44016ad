import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseSpec } from '../../contract/explain/parse.ts';
import { describeDataset, loadDataset } from '../../datasets/sources.ts';
import { toNpy } from '../../formats/npy-writer.ts';
import { type Contender, type Finisher, type Race, race } from './race.ts';
import { nameWith, ratio, show, tableOf } from './table.ts';

const PEERS = ['keras-jax', 'keras-tensorflow'] as const;

const FIT_RUN = fileURLToPath(new URL('./fit-run.js', import.meta.url));
const FIT = fileURLToPath(new URL('../../../bench/peers/fit.py', import.meta.url));

const fitSchema = z.object({ variant: z.string().optional(), seconds: z.number(), val_loss: z.number(), peak_mib: z.number() });

export type Fit = z.infer<typeof fitSchema>;

interface FitRound {
  readonly name: string;
}

/** Trains the seed's job `runs` times with ours and with each peer of `python`, over the same rows. */
export async function raceFits(python: string, engines: readonly string[], epochs: number, runs: number): Promise<Race<Fit>> {
  const folder = await mkdtemp(join(tmpdir(), 'epochd-bench-'));
  try {
    await writeRows(folder);
    const ours = engines.map((engine): Contender<FitRound> => {
      const args = [FIT_RUN, '--engine', engine, '--epochs', String(epochs), '--folder', folder];
      return { name: engine, kind: 'ours', program: process.execPath, argsOf: () => args };
    });
    const peers = PEERS.map((peer): Contender<FitRound> => {
      return { name: peer, kind: 'peer', program: python, argsOf: () => [FIT, peer, folder, String(epochs)] };
    });
    const rounds = Array.from({ length: runs }, (_, index) => ({ name: `run ${index + 1}` }));
    return await race([...ours, ...peers], rounds, fitSchema);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The rows as ours trains on them, for numpy. */
async function writeRows(folder: string): Promise<void> {
  const { dataset } = parseSpec({ dataset: { source: 'imdb-mini' } });
  const signal = new AbortController().signal;
  const { train, validation } = await loadDataset(dataset, await describeDataset(dataset), {
    imdbPath: null,
    imdbUrl: null,
    cacheDir: tmpdir(),
    signal,
    onProgress: () => {},
  });
  for (const [name, { rows, inputs, targets }] of Object.entries({ train, val: validation })) {
    await writeFile(join(folder, `x_${name}.npy`), toNpy('<i4', [rows, inputs.length / rows], inputs));
    await writeFile(join(folder, `y_${name}.npy`), toNpy('<f4', [rows, 1], targets));
  }
}

/** One line for each; ratios are of best times. */
export function fitTable({ finishers }: Race<Fit>, epochs: number): string {
  const peers = finishers.filter(({ kind }) => kind === 'peer');
  const rows = finishers.map((finisher) => {
    const fits = [...finisher.answers.values()];
    const ratios = peers.map((peer) => show(ratio(best(finisher), best(peer))));
    const peak = Math.max(...fits.map(({ peak_mib }) => peak_mib));
    return [
      nameWith(finisher.name, fits[0]?.variant),
      show(best(finisher)),
      show(median(finisher)),
      ...ratios,
      show(fits[0]?.val_loss),
      String(peak),
    ];
  });
  const header = ['', 'best s', 'median s', ...peers.map(({ name }) => `/ ${name}`), 'val_loss (run 1)', 'peak MiB'];
  return [
    `The seed's job from the end of the imports: ${epochs} epochs with validation, best checkpoint and history. Ratios are of best times.`,
    tableOf(header, rows),
  ].join('\n\n');
}

const sorted = ({ answers }: Finisher<Fit>): number[] => [...answers.values()].map(({ seconds }) => seconds).toSorted((a, b) => a - b);

const best = (finisher: Finisher<Fit>): number | undefined => sorted(finisher)[0];

const median = (finisher: Finisher<Fit>): number | undefined => sorted(finisher)[Math.floor(finisher.answers.size / 2)];
