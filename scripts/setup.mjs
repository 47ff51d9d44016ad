import { parseArgs } from 'node:util';
import { runScript } from './script.mjs';
import { createContext } from './setup/context.mjs';
import { chooseVariant, setUp } from './setup/set-up.mjs';

const usage = `usage: node scripts/setup.mjs [--tensorflow[=cpu|cuda]] [--no-build] [--no-core] [--no-redis] [--quiet]

Installs the npm packages, builds, compiles the core engine where there is a C++ compiler, and finds or installs a Redis
server; with --tensorflow it also gets TensorFlow, the way to a GPU
(without a variant: the one that is installed, else cpu). What is done already is not done again.
`;

await runScript(async () => {
  const { values } = parseArgs({
    args: process.argv.slice(2).map((argument) => (argument === '--tensorflow' ? '--tensorflow=any' : argument)),
    options: {
      tensorflow: { type: 'string' },
      'no-build': { type: 'boolean', default: false },
      'no-core': { type: 'boolean', default: false },
      'no-redis': { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const ctx = createContext({ quiet: values.quiet });
  if (values.help) return process.stdout.write(usage) && 0;
  const variants = Object.keys(ctx.wheels);
  if (![undefined, 'any', ...variants].includes(values.tensorflow)) {
    process.stderr.write(`--tensorflow=${values.tensorflow}: expected one of ${variants.join(', ')}\n`);
    return 2;
  }
  const variant = variants.includes(values.tensorflow) ? values.tensorflow : chooseVariant(ctx);
  await setUp(
    { ...ctx, variant },
    {
      withBuild: !values['no-build'],
      withCore: !values['no-core'],
      withRedis: !values['no-redis'],
      withTensorflow: values.tensorflow !== undefined,
    },
  );
  return 0;
});
