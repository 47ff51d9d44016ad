import type { z } from 'zod';
import { EpochdError } from '../contract/errors.ts';

/** One environment variable. */
export interface Setting<T> {
  readonly name: string;
  /** The default as it would stand in the environment, or in words where it follows from something else. */
  readonly default: string;
  readonly meaning: string;
  /** Makes the value from the variable's text, which is undefined when the variable is unset or empty. */
  readonly schema: z.ZodType<T, string | undefined>;
}

/** A setting with a default: `fallback`, which the schema parses as it would the variable's text. */
export function setting<T>(name: string, fallback: string, meaning: string, schema: z.ZodType<T, string>): Setting<T> {
  return { name, default: fallback, meaning, schema: schema.prefault(fallback) };
}

/** A setting that may be left out: then it is null, and `otherwise` says in words what follows. */
export function optional<T>(name: string, otherwise: string, meaning: string, schema: z.ZodType<T, string>): Setting<T | null> {
  return { name, default: otherwise, meaning, schema: schema.optional().transform((value) => value ?? null) };
}

/** Thrown when environment variables have values that cannot be used; names all of them. */
export class ConfigInvalid extends EpochdError {
  readonly code = 'config_invalid';
  readonly kind = 'user';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`the configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n  ${faults.join('\n  ')}`);
    this.faults = faults;
  }
}
