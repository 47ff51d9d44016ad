import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { UsageError } from '../arguments.ts';
import { CANNOT_TAKE_PART } from '../command.ts';

/** One who is timed: a program that prints its answer for a round as a JSON line. */
export interface Contender<Round> {
  readonly name: string;
  readonly kind: 'ours' | 'peer' | 'limit';
  readonly program: string;
  argsOf(round: Round): readonly string[];
}

/** A contender that finished at least one round. */
export interface Finisher<Answer> {
  readonly name: string;
  readonly kind: Contender<unknown>['kind'];
  /** By the round's name. */
  readonly answers: ReadonlyMap<string, Answer>;
}

export interface Race<Answer> {
  readonly finishers: readonly Finisher<Answer>[];
  /** Who could not take part on this machine, and why. */
  readonly skipped: readonly string[];
  readonly failed: readonly string[];
}

type Outcome<Answer> = { readonly answer: Answer } | { readonly skipped: string } | { readonly failed: string };

/**
 * Times the contenders in turn, round by round, each in a process of its own: what the machine does meanwhile hits all alike. Tells
 * stderr how it goes. Throws UsageError when a program cannot be started.
 */
export async function race<Round extends { readonly name: string }, Answer>(
  contenders: readonly Contender<Round>[],
  rounds: readonly Round[],
  schema: z.ZodType<Answer>,
): Promise<Race<Answer>> {
  const entries = contenders.map((contender) => ({ contender, answers: new Map<string, Answer>() }));
  const skipped = new Map<Contender<Round>, string>();
  const failed: string[] = [];
  for (const round of rounds) {
    for (const { contender, answers } of entries) {
      if (skipped.has(contender)) continue;
      const outcome = await ask(contender, round, schema);
      process.stderr.write(`${round.name}, ${contender.name}: ${JSON.stringify(outcome)}\n`);
      if ('answer' in outcome) answers.set(round.name, outcome.answer);
      else if ('skipped' in outcome) skipped.set(contender, `${contender.name}: ${outcome.skipped}`);
      else failed.push(`${contender.name} in ${round.name}: ${outcome.failed}`);
    }
  }
  const finishers = entries
    .map(({ contender: { name, kind }, answers }) => ({ name, kind, answers }))
    .filter(({ answers }) => answers.size > 0);
  return { finishers, skipped: [...skipped.values()], failed };
}

/** Whether there is something to compare, and nothing went wrong. */
export const isWell = ({ finishers, failed }: Race<unknown>): boolean =>
  failed.length === 0 && finishers.some(({ kind }) => kind === 'ours') && finishers.some(({ kind }) => kind === 'peer');

async function ask<Round, Answer>(
  { program, argsOf }: Contender<Round>,
  round: Round,
  schema: z.ZodType<Answer>,
): Promise<Outcome<Answer>> {
  const child = spawn(program, argsOf(round), { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
    process.stderr.write(chunk);
  });
  const closed = once(child, 'close').catch((cause: Error) => {
    throw new UsageError(`${program} cannot be run: ${cause.message}`, { cause });
  });
  const [output] = await Promise.all([text(child.stdout), closed]);
  if (child.exitCode === CANNOT_TAKE_PART) return { skipped: lastLine(said) };
  if (child.exitCode !== 0) return { failed: `it ended with ${child.signalCode ?? child.exitCode}: ${lastLine(said)}` };
  return read(lastLine(output), schema);
}

function read<Answer>(line: string, schema: z.ZodType<Answer>): Outcome<Answer> {
  try {
    return { answer: schema.parse(JSON.parse(line)) };
  } catch (error) {
    return { failed: `it printed ${JSON.stringify(line)}: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}` };
  }
}

const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) ?? '';
