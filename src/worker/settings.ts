import type { EngineInfo } from '../contract/engine-info.ts';
import type { RuntimeLimits } from '../contract/runtime-limits.ts';
import type { DatasetSettings } from '../datasets/dataset.ts';
import type { ConsumerSettings } from '../queue/consumer.ts';
import type { TrainerSettings } from './trainer-process.ts';

export interface WorkerSettings {
  /** Unique among all workers. */
  readonly id: string;
  readonly engines: readonly EngineInfo[];
  readonly dataDir: string;
  readonly dataset: DatasetSettings;
  readonly queue: ConsumerSettings;
  readonly trainer: TrainerSettings;
  readonly runtime: RuntimeLimits;
  /** Bytes that its machine, or the container that it runs in, has. */
  readonly memoryBytes: number;
  /** Attempts that a run may spend without a new epoch. */
  readonly maxAttempts: number;
  readonly reconcileMs: number;
  readonly announceMs: number;
  /** epochd's own. */
  readonly version: string;
}
