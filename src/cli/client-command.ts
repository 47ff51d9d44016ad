import { type Command, InvalidArgumentError } from 'commander';
import { BASE_URL, toBaseUrl } from '../config/address.ts';
import { readConfig } from '../config/config.ts';
import { EXIT_HELP } from '../contract/exit-codes.ts';
import { plainJson, spellOut } from '../contract/plain-text.ts';
import { type Client, connectClient } from './client.ts';

export interface ClientOptions {
  readonly url?: string;
}

/** A command that talks to a running service: with --url, examples and the exit codes in its help. */
export const addClientCommand = (program: Command, usage: string, summary: string, ...examples: string[]): Command =>
  program
    .command(usage)
    .description(summary)
    .option(
      '--url <url>',
      'the service to talk to (default: EPOCHD_URL, else the EPOCHD_HOST and EPOCHD_PORT of this environment)',
      parseUrl,
    )
    .addHelpText(
      'after',
      `\n${examples.length > 1 ? 'Examples' : 'Example'}:\n${examples.map((line) => `  $ ${line}`).join('\n')}\n${EXIT_HELP}`,
    );

function parseUrl(text: string): string {
  const url = toBaseUrl(text);
  if (url === null) throw new InvalidArgumentError(`${BASE_URL}.`);
  return url;
}

/** A client of the service at `url`, or else at EPOCHD_URL. Throws ConfigInvalid when a variable of the environment cannot be used. */
export const openClient = ({ url }: ClientOptions): Client => connectClient(url ?? readConfig().url);

/** Prints what the service said as JSON, for programs. */
export const printJson = (value: unknown): void => void process.stdout.write(`${plainJson(value)}\n`);

/** Prints a line, or several with line breaks between them. Control characters are spelt out: the terminal obeys no text that a service has stored. */
export const printLine = (line: string): void => void process.stdout.write(`${line.split('\n').map(spellOut).join('\n')}\n`);
