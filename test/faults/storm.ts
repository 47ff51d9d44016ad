import { setTimeout as sleep } from 'node:timers/promises';
import { openChance } from './chance.ts';
import type { Fault, Faults } from './fault.ts';
import type { Fleet } from './fleet.ts';
import { type Place, placesOf } from './places.ts';
import type { Report } from './report.ts';

const MAX_PAUSE_MS = 1500;
const AT_A_TIME = 2;

/**
 * Lets faults happen, up to two at a time at different places, as long as `goesOn`. The seed decides which, in which order, where,
 * after which pauses and for how long; what they meet is up to the machine.
 */
export async function storm(fleet: Fleet, faults: Faults, seed: number, report: Report, goesOn: () => boolean): Promise<void> {
  const chance = openChance(seed, 0);
  const raging = new Set<Promise<void>>();
  let deck: string[] = [];
  for (let n = 1; goesOn(); n++) {
    await sleep(chance.below(MAX_PAUSE_MS));
    // Each fault once in some order, then each once more.
    if (deck.length === 0) deck = Object.keys(faults);
    const [name = ''] = deck.splice(chance.below(deck.length), 1);
    const places = placesOf(faults[name]!.where, chance);
    while (raging.size >= AT_A_TIME || places.some((place) => fleet.troubled.has(place))) await Promise.race(raging);
    const blow = happen(name, places, n).finally(() => raging.delete(blow));
    raging.add(blow);
  }
  await Promise.all(raging);

  async function happen(name: string, places: readonly Place[], n: number): Promise<void> {
    for (const place of places) fleet.troubled.add(place);
    report.note(`${name} (${places.join(', ')})`);
    const members = [...fleet.apis, ...fleet.workers].filter((member) => (places as readonly string[]).includes(member.name));
    try {
      const fault: Fault = faults[name]!;
      if (await fault.strike({ fleet, members, chance: openChance(seed, 1, n), report })) report.hit(name);
    } catch (error) {
      report.violate(`${name}: ${(error as Error).stack}`);
    }
    report.note(`end of ${name}`);
    for (const place of places) fleet.troubled.delete(place);
  }
}
