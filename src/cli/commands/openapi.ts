import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { EpochdError } from '../../contract/errors.ts';

const FILE = fileURLToPath(new URL('../../../openapi.yaml', import.meta.url));

const HELP = `
Examples:
  $ epochd openapi > api.yaml
  $ epochd openapi --check`;

/** Thrown when openapi.yaml is not what the schemas say. */
export class OpenApiOutdated extends EpochdError {
  readonly code = 'openapi_outdated';
  readonly kind = 'data';
}

export function addOpenApi(program: Command): void {
  program
    .command('openapi')
    .description('print the OpenAPI document of the API; it is generated from the schemas that validate requests')
    .addOption(new Option('--check', 'only compare it with openapi.yaml: exit code 1 if they differ').conflicts('write'))
    .option('--write', 'write it to openapi.yaml')
    .addHelpText('after', HELP)
    .action(async ({ check, write }: { check?: true; write?: true }) => {
      const { renderOpenApi } = await import('../../service/openapi.ts');
      const yaml = await renderOpenApi();
      if (write) await writeFile(FILE, yaml);
      else if (check) await compare(yaml);
      else process.stdout.write(yaml);
    });
}

async function compare(yaml: string): Promise<void> {
  const expected = yaml.split('\n');
  const found = (await readFile(FILE, 'utf8')).split('\n');
  const longer = expected.length > found.length ? expected : found;
  const line = longer.findIndex((_, index) => expected[index] !== found[index]);
  if (line === -1) return;
  const difference = `expected ${JSON.stringify(expected[line] ?? null)}, found ${JSON.stringify(found[line] ?? null)}`;
  throw new OpenApiOutdated(`${FILE}:${line + 1}: ${difference}; to renew it: epochd openapi --write`);
}
