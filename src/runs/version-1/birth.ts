import type { DataShape } from '../../contract/data-shape.ts';
import { RunDamaged } from '../../contract/errors.ts';
import type { Spec } from '../../contract/spec.ts';
import { planSpec } from '../../plan/plan.ts';
import type { Blobs } from '../../storage/storage.ts';
import type { Birth } from '../birth.ts';
import { parseObject } from '../json.ts';
import { runKey } from '../keys.ts';

/** Version 0.1.0 wrote down only the spec, in spec.json. Null when it is not there. Throws RunDamaged, StorageUnavailable. */
export async function birthOfVersion1(blobs: Blobs, id: string): Promise<Birth | null> {
  const key = runKey(id, 'spec.json');
  const bytes = await blobs.get(key);
  if (bytes === null) return null;
  const spec = parseObject(bytes) as Spec | null;
  if (!spec?.dataset || !spec.model || !spec.training)
    throw new RunDamaged(id, `${key}: expected a spec, got ${bytes.length} bytes that are none`);
  const data = shapeOf(spec);
  return { version: 2, spec, data, plan: planSpec(spec, data), owner: null, parent: null, from: null, submitted_at: '', epochd: '0.1.0' };
}

/** Its data sets were the 25,000 reviews of IMDB, whole or shortened. */
function shapeOf({ dataset }: Spec): DataShape {
  const { maxlen, num_words, validation_split } = dataset;
  const validationRows = Math.ceil(validation_split * 25_000);
  return {
    input: { kind: 'tokens', timesteps: maxlen, vocabulary: num_words },
    classes: 2,
    targetSize: 1,
    trainRows: 25_000 - validationRows,
    validationRows,
  };
}
