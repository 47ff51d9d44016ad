import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { specShape } from '../../dist/contract/spec.js';
import { describeDataset } from '../../dist/datasets/sources.js';
import { estimateCost } from '../../dist/plan/cost.js';
import { planSpec } from '../../dist/plan/plan.js';
import { certify } from '../../dist/runs/birth.js';
import { openRuns } from '../../dist/runs/store.js';
import { openFolder } from '../../dist/storage/folder.js';
import { repeat } from '../../dist/worker/repeat.js';
import { startTrainer } from '../../dist/worker/trainer-process.js';

// node test/measure/trainer-memory.mjs [NAME ...]
//
// The most memory that a training process ever takes (VmHWM; Linux), beside what is estimated when its spec is accepted: from the start
// to a checkpoint in the first epoch, and of a second process that goes on from that one, for some specs to the end. Prints a table; fails when an estimate is
// off by more than 1.3. npx tsc first. The largest takes 6 GiB.

const LIMIT = 1.3;
const MIB = 2 ** 20;

const lstm = (...units) => units.map((count) => ({ units: count }));
const dense = (count, units) => Array.from({ length: count }, () => ({ units }));
const THREE_KEPT = { early_stopping: { patience: 9 }, checkpoint: { save_best_only: false, keep_last: 3 } };
const keep = (restore_best_weights) => ({ early_stopping: restore_best_weights ? { patience: 9 } : null });

/** dataset, model, training, callbacks, whether to the end; `num_words` is beyond what the source has: an embedding is as large as it is asked for. */
const CASES = {
  seed: [{}, {}, {}, {}],
  'seed, batch 1024, adam': [{}, {}, { batch_size: 1024, optimizer: { type: 'adam' } }, {}],
  'LSTM 64, batch 2048': [{}, { lstm: lstm(64) }, { batch_size: 2048 }, keep(false)],
  '4 x bidirectional LSTM 64, batch 1024': [
    {},
    { lstm: lstm(64, 64, 64, 64).map((layer) => ({ ...layer, bidirectional: true })) },
    { batch_size: 1024, optimizer: { type: 'adam' } },
    keep(false),
  ],
  '2 x LSTM 128, dropout, batch 512': [
    {},
    { lstm: lstm(128, 128).map((layer) => ({ ...layer, dropout: 0.2, recurrent_dropout: 0.2 })) },
    { batch_size: 512, optimizer: { type: 'adam' } },
    keep(true),
  ],
  'LSTM 256, batch 64': [{}, { lstm: lstm(256) }, { batch_size: 64 }, keep(false)],
  'LSTM 1024, sgd': [{ maxlen: 10 }, { lstm: lstm(1024) }, { batch_size: 64, optimizer: { type: 'sgd' } }, keep(false)],
  'LSTM 1024, adam, restored': [{ maxlen: 10 }, { lstm: lstm(1024) }, { batch_size: 256, optimizer: { type: 'adam' } }, keep(true)],
  'embedding 97,000 x 1024, sgd': [
    { maxlen: 5, num_words: 97_000 },
    { embedding: { output_dim: 1024 }, lstm: lstm(8) },
    { batch_size: 256, optimizer: { type: 'sgd' } },
    keep(false),
  ],
  'embedding 48,000 x 1024, adam, restored': [
    { maxlen: 5, num_words: 48_000 },
    { embedding: { output_dim: 1024 }, lstm: lstm(8) },
    { batch_size: 256, optimizer: { type: 'adam' } },
    keep(true),
  ],
  'embedding 100,000 x 256, adam, three epochs, restored': [
    { maxlen: 5, num_words: 100_000 },
    { embedding: { output_dim: 256 }, lstm: lstm(8) },
    { epochs: 3, batch_size: 4096, optimizer: { type: 'adam' } },
    THREE_KEPT,
    true,
  ],
  'dense 2048 x 2, adam, three epochs, restored': [
    { maxlen: 1 },
    { lstm: lstm(8), dense: dense(2, 2048) },
    { epochs: 3, batch_size: 2048, optimizer: { type: 'adam' } },
    THREE_KEPT,
    true,
  ],
  'dense 4096 x 2, batch 32, amsgrad': [
    { maxlen: 1 },
    { lstm: lstm(8), dense: dense(2, 4096) },
    { batch_size: 32, optimizer: { type: 'adam', amsgrad: true } },
    keep(true),
  ],
  'dense 4096 x 4, batch 2500, adam': [
    { maxlen: 1 },
    { lstm: lstm(1), dense: dense(4, 4096) },
    { batch_size: 2500, optimizer: { type: 'adam' } },
    keep(false),
  ],
  'dense 4096 x 4, batch 16, adam, restored': [
    { maxlen: 1 },
    { lstm: lstm(1), dense: dense(4, 4096) },
    { batch_size: 16, optimizer: { type: 'adam' } },
    keep(true),
  ],
  'dense 2048 x 4, batch 128, sgd': [
    { maxlen: 1 },
    { lstm: lstm(1), dense: dense(4, 2048) },
    { batch_size: 128, optimizer: { type: 'sgd' } },
    keep(true),
  ],
};

const asked = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'epochd-memory-'));
const runs = openRuns(await openFolder(folder));
let worst = 1;
let count = 0;
console.log('| spec | parameters | estimated MiB | peak MiB | resumed MiB | estimate / peak |\n|---|---|---|---|---|---|');
try {
  for (const [name, parts] of Object.entries(CASES)) {
    if (asked.length === 0 || asked.some((word) => name.includes(word))) await measure(name, parts);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\nfurthest off by a factor of ${worst.toFixed(2)}: expected at most ${LIMIT}`);
process.exitCode = worst <= LIMIT ? 0 : 1;

async function measure(name, [dataset, model, training, callbacks, toTheEnd = false]) {
  const given = { source: 'imdb-mini', validation_split: 0.2 };
  const spec = specShape.parse({ dataset: given, model, training: { epochs: 10, ...training }, callbacks, engine: 'core' });
  spec.dataset = { ...spec.dataset, ...dataset };
  const data = await describeDataset(spec.dataset);
  const plan = planSpec(spec, data);
  const { memoryBytes, parameters } = estimateCost(plan, spec, data);
  const id = newId();
  const birth = certify({ spec, data, plan }, 'measure', new Date());
  const first = await peakOf(id, birth, 1, false);
  const resumed = await peakOf(id, birth, 2, toTheEnd);
  if (!toTheEnd) await runs.cancel(id);
  await runs.remove(id);
  const peak = Math.max(first, resumed);
  const ratio = memoryBytes / peak;
  worst = Math.max(worst, ratio, 1 / ratio);
  const mib = (bytes) => Math.round(bytes / MIB).toLocaleString('en-US');
  const cells = [name, parameters.toLocaleString('en-US'), mib(memoryBytes), mib(first), mib(resumed), ratio.toFixed(2)];
  console.log(`| ${cells.join(' | ')} |`);
}

/** Trains under claim number `claim` to the end, or until it is asked to hand over, which saves a checkpoint. */
async function peakOf(id, birth, claim, toTheEnd) {
  if (claim === 1) await runs.create(id, birth);
  await runs.claim(id, { worker: 'measure', maxAttempts: 5 });
  const dataset = { imdbPath: null, imdbUrl: null, cacheDir: folder };
  const task = { dataDir: folder, id, claim, attempt: claim, dataset, version: 'measure' };
  const times = { beatMs: 1000, longestCallMs: 3_600_000, trainedMs: 0, threads: 2 };
  const settings = { path: resolve('dist/trainer/main.js'), env: process.env, threads: 2, graceMs: 600_000, silenceMs: 600_000 };
  let isTraining = false;
  const before = new Set(children());
  const trainer = startTrainer(
    settings,
    { ...task, ...times },
    { note: () => {}, progress: ({ phase }) => (isTraining = phase === 'training') },
  );
  const pid = children().find((child) => !before.has(child));
  let peak = 0;
  const look = async () => {
    peak = Math.max(peak, hwmOf(pid));
    if (!toTheEnd && isTraining) trainer.stop('hand_over');
  };
  const looking = repeat(10, look, (error) => console.error(error));
  const ending = await trainer.ended;
  await looking.stop();
  if (ending.type !== (toTheEnd ? 'finished' : 'stopped')) throw new Error(`${id}: ${JSON.stringify(ending)}`);
  await runs.end(id, claim, toTheEnd ? ending : { type: 'handed_over' }, 0);
  return peak;
}

function children() {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
}

function hwmOf(pid) {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // Gone.
  }
}

function newId() {
  count += 1;
  return `job_${String(count).padStart(26, '0')}`;
}
