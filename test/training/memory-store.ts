import type { EpochRecord, MetricPoint } from '../../src/contract/history.ts';
import type { Checkpoint, CheckpointStore } from '../../src/training/checkpoint.ts';

/** A store as a run directory is one: the state goes through JSON, arrays are copied, dropped steps are gone. */
export class MemoryStore implements CheckpointStore {
  readonly checkpoints = new Map<number, string>();
  readonly arrays = new Map<number, Pick<Checkpoint, 'weights' | 'optimizer'>>();
  readonly history: EpochRecord[] = [];
  readonly points: MetricPoint[] = [];
  /** Called before each write. */
  beforeWrite: () => void = () => undefined;

  get steps(): number[] {
    return [...this.checkpoints.keys()].sort((a, b) => a - b);
  }

  async loadNewest(): Promise<Checkpoint | null> {
    const newest = this.steps.at(-1);
    if (newest === undefined) return this.#cutBack(null);
    return this.#cutBack(await this.loadStep(newest));
  }

  async loadStep(step: number): Promise<Checkpoint> {
    const state = this.checkpoints.get(step);
    if (state === undefined) throw new Error(`no checkpoint of step ${step}: there are ${this.steps.join()}`);
    return { state: JSON.parse(state), ...structuredClone(this.arrays.get(step)!) };
  }

  async save({ state, weights, optimizer }: Checkpoint, keepSteps: readonly number[]): Promise<void> {
    this.beforeWrite();
    this.checkpoints.set(state.step, JSON.stringify(state));
    this.arrays.set(state.step, structuredClone({ weights, optimizer }));
    for (const step of this.steps) if (!keepSteps.includes(step)) this.checkpoints.delete(step);
  }

  async appendHistory(record: EpochRecord, points: readonly MetricPoint[]): Promise<void> {
    this.beforeWrite();
    this.history.push(structuredClone(record));
    this.points.push(...structuredClone(points));
  }

  /** What a checkpoint knows replaces what was published after it. */
  #cutBack(checkpoint: Checkpoint | null): Checkpoint | null {
    const { history = [], points = [], cursor = null } = checkpoint?.state ?? {};
    this.history.splice(0, Infinity, ...history);
    const earlier = this.points.filter(({ epoch }) => epoch < (cursor === null ? history.length : history.length + 1));
    this.points.splice(0, Infinity, ...earlier, ...(cursor === null ? points : []));
    return checkpoint;
  }
}
