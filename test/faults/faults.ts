import { CLOCK_FAULTS } from './clock-faults.ts';
import type { Faults } from './fault.ts';
import { FOLDER_FAULTS } from './folder-faults.ts';
import { PROCESS_FAULTS } from './process-faults.ts';
import { REDIS_FAULTS } from './redis-faults.ts';

export const FAULTS: Faults = { ...PROCESS_FAULTS, ...REDIS_FAULTS, ...FOLDER_FAULTS, ...CLOCK_FAULTS };

/** Those with these names, or all. Throws for a name that none has. */
export function chooseFaults(names: string | undefined): Faults {
  if (!names) return FAULTS;
  const chosen = names.split(',').map((name) => {
    const fault = FAULTS[name];
    if (!fault) throw new Error(`EPOCHD_FAULTS=${names}: no fault ${JSON.stringify(name)}; there are ${Object.keys(FAULTS).join(',')}`);
    return [name, fault] as const;
  });
  return Object.fromEntries(chosen);
}
