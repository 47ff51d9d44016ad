import { expect, test } from 'vitest';
import { createPrinter } from '../../src/cli/follow-printer.ts';
import { losses, someJob } from './scripted-service.ts';

function printerTo(isTTY = false) {
  const clock = { ms: 0 };
  const texts: string[] = [];
  const print = createPrinter({ isTTY, write: (text) => texts.push(text) }, () => clock.ms);
  return { print, clock, printed: () => texts.splice(0).join('') };
}

const BAR = '='.repeat(30);

test('each epoch is printed once, timed from the end of the one before', () => {
  const { print, clock, printed } = printerTo();
  print({ job: someJob({ state: 'queued', phase: null, queue_position: 3, progress: null }), history: losses() });
  expect(printed()).toBe(`${someJob().id} is queued, number 3 in line\n`);
  print({ job: someJob(), history: losses() });
  expect(printed()).toBe(`${someJob().id} is running (training)\n`);
  clock.ms = 2_000;
  print({ job: someJob(), history: losses(0.5) });
  expect(printed()).toBe(`Epoch 1/10\n313/313 [${BAR}] - 2s 6ms/step - loss: 0.5000\n`);
  print({ job: someJob(), history: losses(0.5) });
  expect(printed()).toBe('');
  clock.ms = 8_000;
  print({ job: someJob(), history: losses(0.5, 0.4, 0.3) });
  expect(printed()).toBe(
    `Epoch 2/10\n313/313 [${BAR}] - 3s 10ms/step - loss: 0.4000\nEpoch 3/10\n313/313 [${BAR}] - 3s 10ms/step - loss: 0.3000\n`,
  );
});

test('epochs from before the follower came are printed without a time, and so is the one in work then not', () => {
  const { print, clock, printed } = printerTo();
  print({ job: someJob(), history: losses(0.5) });
  expect(printed()).toContain(`Epoch 1/10\n313/313 [${BAR}] - loss: 0.5000\n`);
  clock.ms = 1_000;
  print({ job: someJob(), history: losses(0.5, 0.4) });
  expect(printed()).toBe(`Epoch 2/10\n313/313 [${BAR}] - loss: 0.4000\n`);
  clock.ms = 3_000;
  print({ job: someJob(), history: losses(0.5, 0.4, 0.3) });
  expect(printed()).toBe(`Epoch 3/10\n313/313 [${BAR}] - 2s 6ms/step - loss: 0.3000\n`);
});

test('an epoch that was begun by another attempt has no time', () => {
  const { print, clock, printed } = printerTo();
  print({ job: someJob({ state: 'queued', phase: null }), history: losses() });
  print({ job: someJob({ phase: 'recovering' }), history: losses() });
  clock.ms = 1_000;
  printed();
  print({ job: someJob(), history: losses(0.5) });
  expect(printed()).toBe(`Epoch 1/10\n313/313 [${BAR}] - loss: 0.5000\n`);
});

test('on a terminal the bar of the epoch in work stands in the last line and gives way to what is printed', () => {
  const { print, printed } = printerTo(true);
  const at = (step: number) => someJob({ progress: { epoch: 1, epochs: 10, step, steps_per_epoch: 313, fraction: 0, eta_at: null } });
  print({ job: at(0), history: losses() });
  printed();
  print({ job: at(157), history: losses() });
  expect(printed()).toBe('\r\u001b[KEpoch 1/10  157/313 [==============>...............]');
  print({ job: someJob({ state: 'succeeded', is_terminal: true, state_reason: 'completed' }), history: losses(0.5) });
  expect(printed()).toBe(`\r\u001b[KEpoch 1/10\n313/313 [${BAR}] - loss: 0.5000\n${someJob().id} succeeded (completed)\n`);
});

test.each([
  [
    { state: 'succeeded', state_reason: 'early_stopped', best: { epoch: 7, monitor: 'val_loss', value: 0.47391 } },
    'succeeded (early_stopped); best val_loss 0.4739 in epoch 7',
  ],
  [{ state: 'cancelled', state_reason: 'cancel_requested' }, 'cancelled (cancel_requested)'],
  [
    { state: 'failed', error: { kind: 'numeric', code: 'not_finite', message: 'the loss is NaN', retryable: false } },
    'failed: the loss is NaN (not_finite)',
  ],
] as const)('the last line says how it ended: %j', (changes, text) => {
  const { print, printed } = printerTo();
  print({ job: someJob({ is_terminal: true, ...changes }), history: losses() });
  expect(printed()).toBe(`${someJob().id} ${text}\n`);
});
