import { MemoryStore } from '../../src/harness/memory-store.ts';

/** A store whose write number `failing` throws, and writes nothing. */
export function failingAt(failing: number): MemoryStore {
  const store = new MemoryStore();
  const { save, appendHistory } = store;
  let written = 0;
  const count = (): void => {
    written += 1;
    if (written === failing) throw new Error(`write ${failing} fails`);
  };
  store.save = async (...given) => {
    count();
    return save.apply(store, given);
  };
  store.appendHistory = async (...given) => {
    count();
    return appendHistory.apply(store, given);
  };
  return store;
}
