import { RunDamaged } from '../../contract/errors.ts';
import type { HistoryFiles } from './files.ts';

/** The history below `place` of a run that has ended with `epochs` of them: what gives fewer is damaged, and throws RunDamaged. */
export function wholeHistory(history: HistoryFiles, id: string, place: string, epochs: number): HistoryFiles {
  const check = (found: number): void => {
    if (found < epochs) throw new RunDamaged(id, `${place}: expected a history of ${epochs} epochs, got ${found}`);
  };
  return {
    async head() {
      const head = await history.head();
      check(head.epochs);
      return head;
    },
    async records() {
      const records = await history.records();
      check(records.length);
      return records;
    },
    async *epochs(after) {
      let found = 0;
      for await (const epoch of history.epochs(after)) {
        found = epoch.record.epoch;
        yield epoch;
      }
      if (found > 0) check(found);
      else if (((await history.head()).last?.step ?? 0) > after) check(0);
    },
  };
}
