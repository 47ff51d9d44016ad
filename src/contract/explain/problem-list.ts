import type { Problem } from '../errors.ts';

/** More than anyone reads, less than a body of nonsense could cause. */
const MAX_PROBLEMS = 50;

/** Problems that are only put into words as long as somebody would read them; the others are counted. */
export function listProblems(candidates: Iterable<() => Problem>): Problem[] {
  const kept = new Map<string, Problem>();
  let more = 0;
  for (const describe of candidates) {
    if (kept.size === MAX_PROBLEMS) {
      more += 1;
      continue;
    }
    const problem = describe();
    // A number beyond several bounds breaks each of them, and is one problem.
    kept.set(`${problem.pointer} ${problem.detail}`, problem);
  }
  return more === 0 ? [...kept.values()] : [...kept.values(), { pointer: '', detail: `and ${more} more problems` }];
}
