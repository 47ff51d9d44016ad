import type { Job, JobState } from '../../src/contract/job.ts';
import type { KerasHistory } from '../../src/jobs/results/keras-history.ts';
import type { Kind } from './kinds.ts';
import type { Report } from './report.ts';
import type { Answer } from './request.ts';

/** A job as its clients know it. */
export interface Known {
  readonly id: string;
  readonly key: string;
  readonly kind: Kind;
  /** The highest revision that was shown. */
  revision: number;
  /** The most epochs that its history had. */
  epochs: number;
  /** As it was shown last. */
  state: JobState;
  /** The whole job as it was shown when it had ended; null before that and after a retry. */
  ended: string | null;
  /** Odd while a request is under way that may change it. */
  changes: number;
  cancel: 'none' | 'asked' | 'acknowledged';
  deletion: 'none' | 'asked' | 'done';
}

/** Everything that clients were told, compared with everything that they are told next. */
export interface Ledger {
  readonly jobs: readonly Known[];
  /** A 202 for a key. The same key always means the same job. */
  accepted(key: string, kind: Kind, job: Job): Known;
  /** Asks about a job by `question`, and compares what is answered with what was known before it was asked. */
  look(job: Known, question: () => Promise<Answer>): Promise<Job | null>;
  /** The same for its history. */
  lookAtHistory(job: Known, question: () => Promise<Answer>): Promise<void>;
  /** Lets one client change a job at a time. */
  change<T>(job: Known, request: () => Promise<T>): Promise<T>;
}

export function openLedger(report: Report): Ledger {
  const jobs = new Map<string, Known>();
  return {
    get jobs() {
      return [...jobs.values()];
    },
    accepted(key, kind, { id }) {
      const known = jobs.get(key);
      if (known && known.id !== id) report.violate(`${key} is accepted as ${id}, and was as ${known.id}`);
      if (known) return known;
      const job: Known = {
        id,
        key,
        kind,
        revision: 0,
        epochs: 0,
        state: 'queued',
        ended: null,
        changes: 0,
        cancel: 'none',
        deletion: 'none',
      };
      jobs.set(key, job);
      return job;
    },
    async look(job, question) {
      const before = { ...job };
      const answer = await question();
      if (!isStillThere(job, before, answer, report) || answer.status !== 200) return null;
      const shown = answer.body as Job;
      if (answer.revision !== shown.revision) report.violate(`${job.id} has revision ${shown.revision} and the ETag ${answer.revision}`);
      if (shown.revision < before.revision) report.violate(`${job.id} falls from revision ${before.revision} to ${shown.revision}`);
      job.revision = Math.max(job.revision, shown.revision);
      job.state = shown.state;
      const text = JSON.stringify(shown);
      const isQuiet = before.changes % 2 === 0 && before.changes === job.changes;
      if (isQuiet && before.ended !== null && before.ended !== text)
        report.violate(`${job.id} had ended as ${before.ended}, and now is ${text}`);
      if (isQuiet && shown.is_terminal) job.ended = text;
      return shown;
    },
    async lookAtHistory(job, question) {
      const before = { ...job };
      const answer = await question();
      if (isStillThere(job, before, answer, report) && answer.status === 200)
        compareHistory(job, before.epochs, answer.body as KerasHistory, report);
    },
    async change(job, request) {
      job.changes++;
      try {
        return await request();
      } finally {
        job.changes++;
      }
    },
  };
}

/** False when it is not there, and may not be. */
function isStillThere(job: Known, before: Known, { status }: Answer, report: Report): boolean {
  if (status === 404 && job.deletion === 'none')
    report.violate(`${job.id} (${job.key}) was accepted and is gone; it was ${job.ended ?? 'at work'}`);
  if (status === 200 && before.deletion === 'done') report.violate(`${job.id} was deleted and is there again`);
  return status !== 404;
}

/** Each epoch once, in order, with the numbers of an undisturbed run. */
function compareHistory(job: Known, epochsBefore: number, { epoch, history }: KerasHistory, report: Report): void {
  const { kind, id } = job;
  const expected = kind.history.epoch.slice(0, epoch.length);
  if (epoch.join() !== expected.join()) report.violate(`${id} has the epochs ${epoch.join()}`);
  if (epoch.length < epochsBefore) report.violate(`${id} had ${epochsBefore} epochs, and has ${epoch.length}`);
  job.epochs = Math.max(job.epochs, epoch.length);
  for (const [name, values] of Object.entries(history)) {
    const wanted = kind.history.history[name]?.slice(0, values.length);
    if (values.join() !== wanted?.join()) report.violate(`${id} has ${name} ${values.join()}, expected ${wanted?.join()}`);
  }
}
