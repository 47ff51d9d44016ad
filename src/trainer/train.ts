import { describeDataset, loadDataset } from '../datasets/sources.ts';
import { availableCores } from '../engines/cores.ts';
import { loadEngine } from '../engines/select.ts';
import { planSpec } from '../plan/plan-spec.ts';
import { openRuns } from '../runs/store.ts';
import { initialWeights } from '../training/initializers.ts';
import { train } from '../training/loop.ts';
import type { Note, TrainerTask } from './messages.ts';
import { progressWriter } from './progress.ts';
import { type Manifest, manifestOf } from './provenance.ts';

/** Trains the run until its end. Throws the signal's reason and whatever keeps the training from its end. */
export async function runTask(task: TrainerTask, signal: AbortSignal, note: Note): Promise<'completed' | 'early_stopped'> {
  const runs = await openRuns(task.dataDir);
  const { spec } = await runs.read(task.id);
  const data = await describeDataset(spec.dataset);
  const claim = await runs.openClaim(task.id, task.claim);
  const { resumed } = claim;
  const progress = progressWriter(claim, spec, data, task.trainedMs, note);
  await progress.enter(resumed === null ? 'preparing' : 'recovering', resumed?.history.length ?? 0);
  const dataset = await loadDataset(spec.dataset, data, {
    ...task.dataset,
    signal,
    onProgress: (bytes) => note(bytes, 'downloading the data set'),
  });
  const plan = planSpec(spec, data);
  const engine = await loadEngine(spec.engine, (warning) => note({ warning }, 'the engine is slower than it could be'), threadsOf(task));
  const before = (await claim.readManifest()) as Manifest | null;
  const resumedFrom = resumed?.step ?? null;
  const manifest = manifestOf({ task, spec, dataset, engine: engine.infoFor(plan), resumedFrom, before });
  await claim.writeManifest(manifest);
  const { engine_changes, bit_identical } = manifest;
  note({ engine: manifest.engine, engine_changes, bit_identical, resumed_from_step: resumedFrom }, 'training begins');
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
  await progress.enter('finalizing', state.history.length);
  await claim.finish(state);
  trainable.dispose();
  return reason;
}

const threadsOf = ({ threads, trainings }: TrainerTask): number => threads ?? Math.max(1, Math.floor(availableCores() / trainings));
