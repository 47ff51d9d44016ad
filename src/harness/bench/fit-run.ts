import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSpec } from '../../contract/explain/parse.ts';
import type { Spec } from '../../contract/spec.ts';
import { describeDataset } from '../../datasets/sources.ts';
import { planSpec } from '../../plan/plan.ts';
import { certify } from '../../runs/create.ts';
import { openRuns } from '../../runs/store.ts';
import { openFolder } from '../../storage/folder.ts';
import { runTask } from '../../trainer/train.ts';
import { UsageError } from '../arguments.ts';
import { type Command, openEngine, runCommand } from '../command.ts';

/* The process in which --fit trains our side: what a trainer does for a job, in a run directory of its own. */

const SEED = new URL('../../../examples/seed.json', import.meta.url);
const ID = 'job_00000000000000000000000000';

const fitRunCommand: Command = {
  usage: `usage: node dist/harness/bench/fit-run.js --engine NAME --epochs N --folder DIR
Trains the seed's job in a run directory below DIR and prints a JSON line: the seconds from the end of the imports, the engine's
library among them, to the end of the run; the last val_loss; and the most memory the process ever took.`,
  options: ['epochs', 'folder'],
  async run(given, print) {
    const { epochs, folder } = given.options;
    if (!epochs || !folder) throw new UsageError('--epochs N and --folder DIR are missing');
    const engine = await openEngine(given);
    const dataDir = await mkdtemp(join(folder, 'ours-'));
    const start = performance.now();
    const seed = JSON.parse(await readFile(SEED, 'utf8')) as object;
    // A spec cannot name a variant of an engine, whereas the engine's loader can.
    const name = given.engines[0] as Spec['engine'];
    const spec = { ...parseSpec({ ...seed, training: { epochs: Number(epochs) } }), engine: name };
    const runs = openRuns(await openFolder(dataDir));
    const data = await describeDataset(spec.dataset);
    const plan = planSpec(spec, data);
    await runs.create(ID, certify({ spec, data, plan }, 'bench', new Date()));
    const { claim, attempt } = await runs.claim(ID, { worker: 'bench', maxAttempts: 1 });
    const dataset = { imdbPath: null, imdbUrl: null, cacheDir: tmpdir() };
    const task = {
      dataDir,
      id: ID,
      claim,
      attempt,
      dataset,
      version: 'bench',
      beatMs: 1000,
      longestCallMs: 0,
      trainedMs: 0,
      threads: null,
      trainings: 1,
    };
    const reason = await runTask(task, new AbortController().signal, { note: () => {}, progress: () => {} });
    await runs.end(ID, claim, { type: 'finished', reason }, 0);
    const seconds = (performance.now() - start) / 1000;
    const { last } = await runs.read(ID);
    const peak_mib = Math.round(process.resourceUsage().maxRSS / 1024);
    const { variant } = engine.infoFor(plan);
    print({ engine: name, variant, seconds, val_loss: last?.logs['val_loss'], peak_mib });
    return true;
  },
};

process.exitCode = await runCommand(process.argv.slice(2), fitRunCommand);
