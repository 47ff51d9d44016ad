import { Writable } from 'node:stream';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';
import { withoutPasswords } from '../config/without-passwords.ts';
import { unfailingOutput } from './log-output.ts';

const SECRETS = ['authorization', 'cookie', 'set-cookie', 'password'];

/** The log of a process, as JSON lines; `output` is standard error, because standard output belongs to whoever called. */
export function openLog({ logLevel }: Pick<Config, 'logLevel'>, output: DestinationStream = unfailingOutput()): Logger {
  return pino(
    {
      level: logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: SECRETS.flatMap(everywhere), censor: '[redacted]' },
      hooks: { streamWrite: withoutPasswords },
    },
    output,
  );
}

/** As `openLog`, but in colour for a person at a terminal, if pino-pretty is installed. */
export async function openTerminalLog(config: Pick<Config, 'logLevel'>): Promise<Logger> {
  return process.stderr.isTTY ? openLog(config, await prettyOutput()) : openLog(config);
}

async function prettyOutput(): Promise<DestinationStream | undefined> {
  try {
    const { default: pretty } = await import('pino-pretty');
    const output = unfailingOutput();
    const destination = new Writable({
      write(chunk, _encoding, done) {
        output.write(String(chunk));
        done();
      },
    });
    return pretty({ destination, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The paths of a field at the top of a log line, and one and two levels below it. */
const everywhere = (field: string): string[] => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`];
