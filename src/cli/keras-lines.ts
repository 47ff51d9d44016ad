import type { History } from './client.ts';

/* The lines that Keras 2 prints while it trains. Source: keras/utils/generic_utils.py, Progbar */

const WIDTH = 30;

export interface EpochLine {
  /** Steps of the epoch; null when not known. */
  readonly steps: number | null;
  /** How long the epoch took; null when its beginning or its end was not seen. */
  readonly seconds: number | null;
  /** In the order they are to be shown. */
  readonly logs: Readonly<Record<string, number | null>>;
}

/** `313/313 [==============================] - 2s 6ms/step - loss: 0.6778 - accuracy: 0.6671` */
export function formatEpoch({ steps, seconds, logs }: EpochLine): string {
  const bar = `${steps === null ? '' : `${steps}/${steps} `}[${'='.repeat(WIDTH)}]`;
  const pace = steps === null || seconds === null ? '' : ` ${formatDuration(seconds / steps)}/step`;
  const time = seconds === null ? [] : [`${Math.round(seconds)}s${pace}`];
  const values = Object.entries(logs).map(([name, value]) => `${name}: ${formatValue(value)}`);
  return [bar, ...time, ...values].join(' - ');
}

/** `157/313 [===============>..............]`, padded so that the bar does not move. */
export function formatBar(step: number, steps: number): string {
  const done = Math.floor((WIDTH * step) / steps);
  const bar = done === 0 ? '' : done < WIDTH ? `${'='.repeat(done - 1)}>` : '='.repeat(WIDTH);
  return `${String(step).padStart(String(steps).length)}/${steps} [${bar.padEnd(WIDTH, '.')}]`;
}

/** What each entry of the history has for one epoch; the first epoch has index 0. */
export const logsOfEpoch = ({ history }: History, index: number): Record<string, number | null> =>
  Object.fromEntries(Object.entries(history).map(([name, values]) => [name, values[index] ?? null]));

function formatDuration(seconds: number): string {
  if (seconds >= 1) return `${Math.round(seconds)}s`;
  return seconds >= 1e-3 ? `${Math.round(seconds * 1e3)}ms` : `${Math.round(seconds * 1e6)}us`;
}

function formatValue(value: number | null): string {
  if (value === null) return 'nan';
  return Math.abs(value) > 1e-3 ? value.toFixed(4) : value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2');
}
