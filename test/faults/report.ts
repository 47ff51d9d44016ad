/** What happened in one run of the loop, and what should not have. */
export interface Report {
  /** Says what is done at this moment, so that a violation shows what came before it. */
  note(what: string): void;
  violate(what: string): void;
  /** Counts one fault that hit. */
  hit(fault: string): void;
  answered(answer: string): void;
  /** How often each fault hit. */
  readonly hits: ReadonlyMap<string, number>;
  readonly answers: ReadonlyMap<string, number>;
  readonly violations: readonly string[];
  seconds(): number;
}

const NOTES_SHOWN = 8;
/** One broken promise may show a thousand times. */
const VIOLATIONS_KEPT = 50;

export function openReport(): Report {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
  const notes: string[] = [];
  const violations: string[] = [];
  const hits = new Map<string, number>();
  const answers = new Map<string, number>();
  const count = (map: Map<string, number>, name: string): void => void map.set(name, (map.get(name) ?? 0) + 1);
  return {
    note: (what) => void notes.push(`${seconds()} ${what}`),
    violate(what) {
      if (violations.length < VIOLATIONS_KEPT) violations.push(`${seconds()} ${what}\n  after: ${notes.slice(-NOTES_SHOWN).join('; ')}`);
    },
    hit: (fault) => count(hits, fault),
    answered: (answer) => count(answers, answer),
    hits,
    answers,
    violations,
    seconds,
  };
}
