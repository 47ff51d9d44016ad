import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type EpochdError, TrainerLost } from '../contract/errors.ts';
import { LIFELINE_FD } from '../trainer/lifeline.ts';
import type { Ending, FromTrainer, Note, StopReason, Teller, ToTrainer, TrainerTask } from '../trainer/messages.ts';
import { toTrainerError } from '../trainer/reported-error.ts';
import { startChild } from './child.ts';
import { memoryOf } from './memory.ts';
import { watchSilence } from './silence.ts';

export interface TrainerSettings {
  /** The trainer's main file, compiled. */
  readonly path: string;
  /** The worker's own environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Threads that each training computes on; null: this process's share of the cores. The result does not depend on them. */
  readonly threads: number | null;
  /** How long a trainer that was asked to hand over may take before it is killed. */
  readonly graceMs: number;
  /** How long a trainer may give no sign of life before it is taken for hung and killed. */
  readonly silenceMs: number;
}

/** A process that trains one run. */
export interface TrainerProcess {
  /** How it ended, however it ended. Never rejects; by then the process is gone. */
  readonly ended: Promise<Ending>;
  stop(reason: StopReason): void;
  /** At once, without a last word. */
  kill(): void;
  /** Bytes that it takes at the moment; null where the system does not say. */
  memory(): Promise<number | null>;
}

/** A cancelled trainer has nothing to save. */
const CANCEL_GRACE_MS = 500;

/** Starts a trainer; `told` hears what it tells until its end. */
export function startTrainer(settings: TrainerSettings, task: TrainerTask, told: Teller): TrainerProcess {
  const child = startChild(settings.path, settings.env, 'pipe');
  logOutput(child, told.note);
  const send = (message: ToTrainer): void => {
    // The error of a send to a process that has just ended; its end is reported anyway.
    if (child.connected) child.send(message, () => undefined);
  };
  let stopping = false;
  let killTimer: NodeJS.Timeout | undefined;
  send({ type: 'task', task });
  return {
    ended: ending(child, settings.silenceMs, told, () => stopping).finally(() => clearTimeout(killTimer)),
    stop(reason) {
      if (stopping) return;
      stopping = true;
      send({ type: 'stop', reason });
      const patience = reason === 'cancel' ? Math.min(settings.graceMs, CANCEL_GRACE_MS) : settings.graceMs;
      killTimer = setTimeout(() => child.kill('SIGKILL'), patience);
    },
    kill() {
      stopping = true;
      child.kill('SIGKILL');
    },
    memory: async () => (child.pid === undefined ? null : memoryOf(child.pid)),
  };
}

/** Stands in for a trainer that is not to be started. */
export const refusedTrainer = (reason: EpochdError): TrainerProcess => ({
  ended: Promise.resolve({ type: 'failed', error: toTrainerError(reason) }),
  stop: () => undefined,
  kill: () => undefined,
  memory: async () => null,
});

/** TensorFlow writes past every logger: here its lines get the id of the run. */
function logOutput({ stdout, stderr }: ChildProcess, note: Note): void {
  for (const stream of [stdout, stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (output) => note({ output }, 'the training process wrote'));
  }
}

function ending(child: ChildProcess, silenceMs: number, told: Teller, isStopping: () => boolean): Promise<Ending> {
  return new Promise((resolve) => {
    let said: Ending | undefined;
    let hungMs = 0;
    const silence = watchSilence(silenceMs, (silentMs) => {
      hungMs = silentMs;
      child.kill('SIGKILL');
    });
    const settle = (lost: string): void => {
      silence.stop();
      if (said) resolve(said);
      else if (isStopping() && hungMs === 0) resolve({ type: 'stopped' });
      else
        resolve({
          type: 'failed',
          error: toTrainerError(new TrainerLost(hungMs > 0 ? `the training process gave no sign of life for ${hungMs} ms` : lost)),
        });
    };
    child.stdio[LIFELINE_FD]?.on('data', () => silence.heard());
    child.on('message', (message: FromTrainer) => {
      silence.heard();
      if (message.type === 'note') told.note(message.fields, message.text);
      if (message.type === 'progress') told.progress(message.progress);
      if (message.type === 'ending') said = message.ending;
    });
    child.once('error', (error) => settle(`the training process did not start: ${error.message}`));
    child.once('close', (code, signal) => settle(describeExit(code, signal)));
  });
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'the training process was killed (SIGKILL): often the system does that when memory runs out';
  if (signal !== null) return `the training process crashed (${signal})`;
  return `the training process ended with exit code ${code} and without a word`;
}
