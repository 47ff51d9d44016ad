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
const KEPT_OF_A_SHAPE = 2;
const shapeOf = (what: string): string => what.replace(/job_\w+|req_\w+|client-\d+-\d+|\d+/g, '*').slice(0, 100);

export function openReport(): Report {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
  const notes: string[] = [];
  const violations: string[] = [];
  const shapes = new Map<string, number>();
  const hits = new Map<string, number>();
  const answers = new Map<string, number>();
  const count = (map: Map<string, number>, name: string): void => void map.set(name, (map.get(name) ?? 0) + 1);
  return {
    note: (what) => void notes.push(`${seconds()} ${what}`),
    violate(what) {
      const shape = shapeOf(what);
      count(shapes, shape);
      if ((shapes.get(shape) ?? 0) <= KEPT_OF_A_SHAPE)
        violations.push(`${seconds()} ${what}\n  after: ${notes.slice(-NOTES_SHOWN).join('; ')}`);
    },
    hit: (fault) => count(hits, fault),
    answered: (answer) => count(answers, answer),
    hits,
    answers,
    violations,
    seconds,
  };
}
