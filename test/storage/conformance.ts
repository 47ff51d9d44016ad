import { describe } from 'vitest';
import type { Place } from './another.ts';
import { ranges, whatIsPut } from './conform-content.ts';
import { hostile, names, removing } from './conform-names.ts';
import { killed, manyAtOnce } from './conform-processes.ts';

/** What every back end must hold; `open` makes an empty store for one test. */
export function storageConformance(name: string, open: () => Promise<Place>): void {
  describe(`${name}: blobs`, () => {
    whatIsPut(open);
    ranges(open);
    names(open);
    removing(open);
    manyAtOnce(open);
    killed(open);
    hostile(open);
  });
}
