import { readFileSync } from 'node:fs';

const { version, description } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
  description: string;
};

/** The version in package.json. */
export const VERSION = version;
export const DESCRIPTION = description;
