import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const tailLines = 15;

/** Thrown when a command ends with anything but 0. `output` is all that it printed, and the message ends with the end of it. */
export class CommandFailed extends Error {
  constructor(line, status, output) {
    const tail = output.trim().split('\n').slice(-tailLines).join('\n    ');
    super(`\`${line}\` ended with ${status}${tail ? `:\n    ${tail}` : ', printing nothing'}`);
    this.name = 'CommandFailed';
    this.output = output;
  }
}

/** The path of an executable on PATH, or undefined. */
export function which(name, env) {
  return (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a command to its end and gives back what it printed to stdout.
 * `onOutput` sees stdout and stderr as they come. Throws CommandFailed.
 */
export function capture(file, args, { env, cwd, onOutput } = {}) {
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      onOutput?.(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new CommandFailed([file, ...args].join(' '), cause.message, '')));
    child.on('close', (code, signal) =>
      code === 0 ? resolve(stdout) : reject(new CommandFailed([file, ...args].join(' '), signal ?? `exit status ${code}`, output)),
    );
  });
}
