import type { EpochRecord, MetricPoint } from '../contract/history.ts';
import type { Checkpoint, CheckpointStore } from '../training/checkpoint.ts';

/** A store as a run directory is one, while the process lives: the state goes through JSON, arrays are copied, dropped steps are gone. */
export class MemoryStore implements CheckpointStore {
  readonly checkpoints = new Map<number, string>();
  readonly arrays = new Map<number, Pick<Checkpoint, 'weights' | 'optimizer'>>();
  readonly history: EpochRecord[] = [];
  readonly points: MetricPoint[] = [];

  get steps(): number[] {
    return [...this.checkpoints.keys()].sort((a, b) => a - b);
  }

  async loadNewest(): Promise<Checkpoint | null> {
    const newest = this.steps.at(-1);
    if (newest === undefined) return this.#cutBack(null);
    return this.#cutBack(await this.loadStep(newest));
  }

  async loadStep(step: number): Promise<Checkpoint> {
    const [state, arrays] = [this.checkpoints.get(step), this.arrays.get(step)];
    if (state === undefined || arrays === undefined)
      throw new RangeError(`no checkpoint of step ${step}: expected one of ${this.steps.join()}`);
    return { state: JSON.parse(state), ...structuredClone(arrays) };
  }

  async save({ state, weights, optimizer }: Checkpoint, keepSteps: readonly number[]): Promise<void> {
    this.checkpoints.set(state.step, JSON.stringify(state));
    this.arrays.set(state.step, structuredClone({ weights, optimizer }));
    for (const step of this.steps.filter((kept) => !keepSteps.includes(kept))) {
      this.checkpoints.delete(step);
      this.arrays.delete(step);
    }
  }

  async appendHistory(record: EpochRecord, points: readonly MetricPoint[]): Promise<void> {
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
