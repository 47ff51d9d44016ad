import type { Command } from 'commander';
import type { Job } from '../../contract/job.ts';
import { addClientCommand, type ClientOptions, openClient, printJson, printLine } from '../client-command.ts';

export function addGet(program: Command): void {
  addClientCommand(
    program,
    'get <id>',
    'show a job',
    'epochd get job_01ARZ3NDEKTSV4RRFFQ69G5FAV',
    'epochd get job_01ARZ3NDEKTSV4RRFFQ69G5FAV --json',
  )
    .option('--json', 'print the answer of the service')
    .action(async (id: string, options: ClientOptions & { json?: true }) => {
      const job = await openClient(options).get(id);
      if (options.json) printJson(job);
      else printLine(describeJob(job));
    });
}

/** What a person wants to know of a job, a line each. */
export function describeJob(job: Job): string {
  const { progress, best, error, durations } = job;
  const facts: readonly (readonly [string, string | null])[] = [
    ['id', job.id],
    ['name', job.name],
    ['state', `${job.state} (${job.state_reason})${job.phase === null ? '' : `, ${job.phase}`}`],
    ['line', job.queue_position === null ? null : `number ${job.queue_position}`],
    ['epoch', progress && `${progress.epoch} of ${progress.epochs}, step ${progress.step} of ${progress.steps_per_epoch}`],
    [
      'metrics',
      Object.entries(job.metrics)
        .map(([name, value]) => `${name} ${value?.toPrecision(5) ?? 'nan'}`)
        .join(', ') || null,
    ],
    ['best', best && `${best.monitor} ${best.value?.toPrecision(5) ?? 'nan'} in epoch ${best.epoch}`],
    ['error', error && `${error.message} (${error.code}, ${error.retryable ? 'may pass' : 'will not pass by itself'})`],
    ['attempts', String(job.attempt)],
    ['created', job.created_at],
    ['took', `${durations.total.toFixed(1)} s: ${durations.queued.toFixed(1)} s queued, ${durations.running.toFixed(1)} s running`],
    ['dataset', job.spec?.dataset.source ?? null],
    ...Object.entries(job.metadata).map(([key, value]) => [`  ${key}`, value] as const),
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(9)} ${value}`])).join('\n');
}
