import { loadDataset } from '../datasets/sources.ts';
import { availableCores } from '../engines/cores.ts';
import { loadEngine } from '../engines/select.ts';
import type { Claim } from '../runs/claims/claim.ts';
import { openRuns } from '../runs/store.ts';
import { openFolder } from '../storage/folder.ts';
import { initialWeights } from '../training/initializers.ts';
import { train } from '../training/loop.ts';
import type { Note, Teller, TrainerTask } from './messages.ts';
import { progressWriter } from './progress.ts';
import { type Facts, type Manifest, manifestOf } from './provenance.ts';

/** Trains the run until its end. Throws the signal's reason and whatever keeps the training from its end. */
export async function runTask(
  task: TrainerTask,
  signal: AbortSignal,
  { note, progress: tell }: Teller,
): Promise<'completed' | 'early_stopped'> {
  const runs = openRuns(await openFolder(task.dataDir));
  const { spec, data, plan } = (await runs.read(task.id)).birth;
  const trainedMs = (): number => Math.round(task.trainedMs + performance.now());
  const claim = await runs.openClaim(task.id, task.claim, { trainedMs, now: () => new Date() });
  const { resumed } = claim;
  const progress = progressWriter(spec, data, (told) => tell({ ...told, claim: task.claim }));
  progress.enter(resumed === null ? 'preparing' : 'recovering', resumed?.history.length ?? 0);
  const dataset = await loadDataset(spec.dataset, data, {
    ...task.dataset,
    signal,
    onProgress: (bytes) => note(bytes, 'downloading the data set'),
  });
  const engine = await loadEngine(spec.engine, (warning) => note({ warning }, 'the engine is slower than it could be'), threadsOf(task));
  await writeProvenance(claim, { task, spec, dataset, engine: engine.infoFor(plan) }, note);
  const trainable = engine.compile(plan, spec.training.optimizer, spec.training.batch_size);
  const { reason, state } = await train({
    plan,
    spec,
    data: dataset,
    engine: trainable,
    initialWeights: () => initialWeights(plan, spec.training.seed),
    store: claim,
    signal,
    report: {
      onBatch: (report) => progress.onBatch(report),
      onEpoch: ({ epoch, logs }) => note({ epoch, epochs: spec.training.epochs, ...logs }, 'an epoch is done'),
    },
  });
  progress.enter('finalizing', state.history.length);
  await claim.finish(state);
  trainable.dispose();
  return reason;
}

/** Says what the bits of the result depend on, before the first of them is made. */
async function writeProvenance(claim: Claim, facts: Pick<Facts, 'task' | 'spec' | 'dataset' | 'engine'>, note: Note): Promise<void> {
  const before = claim.provenanceBefore as Manifest | null;
  const resumedFrom = claim.resumed?.step ?? null;
  const manifest = manifestOf({ ...facts, resumedFrom, before, damaged: claim.damaged });
  await claim.writeProvenance(manifest);
  const { engine, engine_changes, bit_identical } = manifest;
  note({ engine, engine_changes, bit_identical, resumed_from_step: resumedFrom }, 'training begins');
}

const threadsOf = ({ threads, trainings }: TrainerTask): number => threads ?? Math.max(1, Math.floor(availableCores() / trainings));
