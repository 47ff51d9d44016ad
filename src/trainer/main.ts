import { inspect } from 'node:util';
import { EpochdError } from '../contract/errors.ts';
import { HandOver } from '../training/hand-over.ts';
import { holdLifeline } from './lifeline.ts';
import type { Ending, FromTrainer, Teller, ToTrainer, TrainerTask } from './messages.ts';
import { toTrainerError } from './reported-error.ts';
import { runTask } from './train.ts';

/* The main file of the process that trains one run. Its worker speaks to it over IPC. */

// When the worker is gone, so is this process: whoever takes the run over must not meet a second writer.
const lifeline = holdLifeline();
const stop = new AbortController();

// A message that does not get through means that the worker is gone.
const send = (message: FromTrainer, sent = (): void => undefined): void => {
  if (!process.send) throw new Error('a trainer is started by a worker, not by hand');
  process.send(message, sent);
};

const teller: Teller = {
  note: (fields, text) => send({ type: 'note', fields, text }),
  progress: (progress) => send({ type: 'progress', progress }),
};

// Ctrl-C and service managers signal the whole process group: the worker is about to ask for the same.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort(new HandOver()));

process.on('message', (message: ToTrainer) => {
  if (message.type === 'task') void main(message.task);
  else stop.abort(message.reason === 'hand_over' ? new HandOver() : new Error('training was cancelled'));
});

async function main(task: TrainerTask): Promise<void> {
  lifeline.beat({ everyMs: task.beatMs, longestCallMs: task.longestCallMs });
  send({ type: 'ending', ending: await train(task) }, () => process.exit(0));
}

async function train(task: TrainerTask): Promise<Ending> {
  try {
    const reason = await runTask(task, stop.signal, teller);
    return { type: 'finished', reason };
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return { type: 'stopped' };
    if (!(error instanceof EpochdError)) teller.note({ err: inspect(error) }, 'a fault of the program');
    return { type: 'failed', error: toTrainerError(error) };
  }
}
