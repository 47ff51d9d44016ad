import { type Command, InvalidArgumentError, Option } from 'commander';
import { JOB_STATES, type Job } from '../../contract/job.ts';
import { addClientCommand, type ClientOptions, openClient, printJson, printLine } from '../client-command.ts';
import { formatTable } from '../table.ts';

interface ListOptions extends ClientOptions {
  readonly state?: string;
  readonly limit: string;
  readonly json?: true;
}

export function addList(program: Command): void {
  addClientCommand(program, 'list', 'list the jobs, newest first', 'epochd list --state running', 'epochd list --limit 100 --json')
    .addOption(new Option('--state <state>', 'only jobs in this state').choices(JOB_STATES))
    .option('--limit <count>', 'at most so many', parseLimit, '20')
    .option('--json', 'print the answer of the service')
    .action(async ({ state, limit, json, url }: ListOptions) => {
      const page = await openClient(url === undefined ? {} : { url }).list({ limit, ...(state === undefined ? {} : { state }) });
      if (json) return printJson(page);
      printLine(formatTable(['ID', 'STATE', 'EPOCH', 'VAL_LOSS', 'CREATED', 'NAME'], page.data.map(rowOf)));
      if (page.has_more) printLine(`and more: epochd list --limit ${2 * Number(limit)}`);
    });
}

const rowOf = ({ id, state, progress, metrics, created_at, name }: Job): string[] => [
  id,
  state,
  progress === null ? '-' : `${progress.epoch}/${progress.epochs}`,
  metrics.val_loss?.toFixed(4) ?? '-',
  created_at.replace('T', ' ').replace(/\..*/, ''),
  name,
];

function parseLimit(text: string): string {
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= 200) return text;
  throw new InvalidArgumentError('Expected a whole number from 1 to 200.');
}
