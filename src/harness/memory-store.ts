import type { Checkpoint, CheckpointStore } from '../training/checkpoint.ts';

/** Checkpoints that live as long as the process. */
export function memoryStore(): CheckpointStore {
  const checkpoints = new Map<number, Checkpoint>();
  return {
    loadNewest: async () => [...checkpoints.values()].at(-1) ?? null,
    loadStep: async (step) => {
      const checkpoint = checkpoints.get(step);
      if (!checkpoint) throw new RangeError(`no checkpoint of step ${step}: expected one of ${[...checkpoints.keys()].join(', ')}`);
      return checkpoint;
    },
    save: async (checkpoint, keepSteps) => {
      checkpoints.set(checkpoint.state.step, checkpoint);
      for (const step of checkpoints.keys()) if (!keepSteps.includes(step)) checkpoints.delete(step);
    },
    appendHistory: async () => {},
  };
}
