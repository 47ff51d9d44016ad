import type { ModelFormat } from './model-format.ts';
import { tfjs } from './tfjs.ts';

/** The forms in which models can be taken away, by the names that clients ask for them with. The first one is the default. */
export const FORMATS = { tfjs } satisfies Readonly<Record<string, ModelFormat>>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as [FormatName, ...FormatName[]];
