import type { Chance } from './chance.ts';

/** What a fault may happen to. Two faults never happen to the same place at the same time. */
export type Place = 'api 0' | 'api 1' | 'worker 0' | 'worker 1' | 'redis' | 'folder';

export type Where = 'an api' | 'both apis' | 'a worker' | 'redis' | 'folder' | 'everything';

const APIS = ['api 0', 'api 1'] as const;
const WORKERS = ['worker 0', 'worker 1'] as const;

export function placesOf(where: Where, chance: Chance): readonly Place[] {
  if (where === 'an api') return [chance.pick(APIS)];
  if (where === 'a worker') return [chance.pick(WORKERS)];
  if (where === 'both apis') return APIS;
  return where === 'everything' ? [...APIS, ...WORKERS, 'redis', 'folder'] : [where];
}
