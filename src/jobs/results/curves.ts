import type { EpochRecord } from '../../contract/history.ts';
import { spellOut } from '../../contract/plain-text.ts';
import type { Run } from '../../runs/run.ts';
import { whyNoCurve } from './absence.ts';
import { ticksOver } from './ticks.ts';

const WIDTH = 640;
const HEIGHT = 420;
const PLOT = { left: 70, right: 620, top: 20, bottom: 360 };

const STYLE = `
  svg { color: #1f2328; background: #ffffff; font: 13px system-ui, sans-serif; }
  .train { color: #0969da; } .val { color: #bc4c00; }
  .grid { stroke: currentColor; opacity: 0.15; }
  text { fill: currentColor; } .line { fill: none; stroke: currentColor; stroke-width: 2; } circle { fill: currentColor; }
  @media (prefers-color-scheme: dark) { svg { color: #e6edf3; background: #0d1117; } .train { color: #4493f8; } .val { color: #f0883e; } }
`;

/** One curve: [epoch, loss], only what is finite. */
type Points = readonly (readonly [number, number])[];

/** The notebook's plot as SVG: loss and val_loss over the epochs (from 1), axes, legend. */
export function curvesSvg(run: Run, history: readonly EpochRecord[]): string {
  const { spec } = run;
  const nothing = whyNoCurve(run, history);
  const train = pointsOf(history, 'loss');
  const val = pointsOf(history, 'val_loss');
  const xTicks = ticksOver(1, Math.max(2, history.length), 8).filter((tick) => Number.isInteger(tick) && tick >= 1);
  const losses = [...train, ...val].map(([, loss]) => loss);
  const yTicks = losses.length === 0 ? ticksOver(0, 1, 6) : ticksOver(Math.min(...losses), Math.max(...losses), 6);
  const x = scale(1, Math.max(2, history.length), PLOT.left, PLOT.right);
  const y = scale(yTicks[0] ?? 0, yTicks.at(-1) ?? 1, PLOT.bottom, PLOT.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escape(spec.name)}: loss and val_loss over epochs</title><style>${STYLE}</style>`,
    ...yTicks.map(
      (tick) => `<path class="grid" d="M${PLOT.left} ${y(tick)}H${PLOT.right}"/>${label(PLOT.left - 8, y(tick) + 4, 'end', tick)}`,
    ),
    ...xTicks.filter((tick) => tick <= Math.max(2, history.length)).map((tick) => label(x(tick), PLOT.bottom + 20, 'middle', tick)),
    label((PLOT.left + PLOT.right) / 2, HEIGHT - 14, 'middle', 'epoch'),
    `<text transform="translate(18 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle">loss</text>`,
    `<path class="line" stroke-width="1" d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}"/>`,
    curve('train', train, x, y),
    curve('val', val, x, y),
    legend(),
    ...(nothing === null ? [] : [label((PLOT.left + PLOT.right) / 2, (PLOT.top + PLOT.bottom) / 2, 'middle', nothing)]),
    '</svg>\n',
  ].join('\n');
}

const pointsOf = (history: readonly EpochRecord[], key: string): Points =>
  history.flatMap(({ epoch, logs }) => (typeof logs[key] === 'number' ? [[epoch, logs[key]] as const] : []));

const scale =
  (from: number, to: number, start: number, end: number) =>
  (value: number): number =>
    Math.round((start + ((value - from) / (to - from)) * (end - start)) * 100) / 100;

const label = (x: number, y: number, anchor: string, text: string | number): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;

/** A single point is drawn as a dot: a line needs two. */
function curve(name: string, points: Points, x: (epoch: number) => number, y: (loss: number) => number): string {
  const [first, ...rest] = points;
  if (!first) return '';
  if (rest.length === 0) return `<circle class="${name}" cx="${x(first[0])}" cy="${y(first[1])}" r="4"/>`;
  return `<path class="line ${name}" d="${points.map(([epoch, loss], index) => `${index === 0 ? 'M' : 'L'}${x(epoch)} ${y(loss)}`).join('')}"/>`;
}

/** Below the plot, where no curve comes. */
const legend = (): string =>
  ['train', 'val']
    .map((name, index) => {
      const left = PLOT.right - 150 + 85 * index;
      return `<path class="line ${name}" d="M${left} ${HEIGHT - 18}h28"/>${label(left + 36, HEIGHT - 14, 'start', name)}`;
    })
    .join('');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML, in which what older versions let into names is spelt out: no XML may hold some of it. */
const escape = (text: string): string => spellOut(text).replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
