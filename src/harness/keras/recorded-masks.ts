import type { Npz } from '../../formats/npz.ts';
import type { DropoutSite } from '../../plan/plan.ts';

/**
 * The dropout masks of each step in the order of the sites: arrays mask_STEP_NUMBER, numbered in the order in which Keras drew them. Gates
 * that were given one mask to share have it recorded once. Throws RangeError when a mask is missing or has another shape.
 */
export function recordedMasks(npz: Npz, sites: readonly DropoutSite[], batches: readonly Int32Array[]): Float32Array[][] {
  if (sites.length === 0) return batches.map(() => []);
  const shared = sites.map((_, at) => sites.slice(0, at + 1).filter(({ gate }) => gate === null || gate === 'i').length - 1);
  return batches.map(({ length: rows }, step) => {
    const count = npz.names.filter((name) => name.startsWith(`mask_${step}_`)).length;
    if (count > sites.length) throw new RangeError(`${npz.file} has ${count} dropout masks in step ${step}: expected ${sites.length}`);
    const isShared = count === (shared.at(-1) ?? 0) + 1;
    return sites.map((site, at) => readMask(npz, `mask_${step}_${isShared ? shared[at] : at}`, site, rows));
  });
}

function readMask(npz: Npz, name: string, site: DropoutSite, rows: number): Float32Array {
  const expected = `[${rows}, ${site.width}], the dropout mask of ${placeOf(site)}`;
  if (!npz.names.includes(name)) throw new RangeError(`${npz.file} has no ${name}: expected ${expected}`);
  const { data, shape } = npz.numbers(name);
  if (shape.join() !== `${rows},${site.width}`)
    throw new RangeError(`${npz.file}: ${name} has shape [${shape.join(', ')}]: expected ${expected}`);
  return Float32Array.from(data, Number);
}

const placeOf = ({ layer, index, on, direction, gate }: DropoutSite): string =>
  `${layer} layer ${index}, ${on}${layer === 'lstm' ? `, ${direction}` : ''}${gate === null ? '' : `, gate ${gate}`}`;
