import { binding } from './binding.mjs';
import { build } from './build.mjs';
import { core } from './core.mjs';
import { dependencies } from './dependencies.mjs';
import { library } from './library.mjs';
import { node } from './node.mjs';
import { redis } from './redis.mjs';
import { ensure, ensureIfPossible } from './requirement.mjs';

/** What running epochd takes, in the order in which it is got. */
export function requirements({ withBuild = true, withCore = true, withRedis = true, withTensorflow = false }) {
  return [
    node,
    dependencies,
    ...(withBuild ? [build] : []),
    ...(withCore ? [core] : []),
    ...(withRedis ? [redis] : []),
    ...(withTensorflow ? [library, binding] : []),
  ];
}

/** Gets all of it, one after the other. Throws SetupFailed. */
export async function setUp(ctx, wanted = {}) {
  if (!ctx.quiet) ctx.say('epochd set-up');
  for (const requirement of requirements(wanted)) await (requirement.optional ? ensureIfPossible : ensure)(requirement, ctx);
}

/** The variant of TensorFlow that is installed in this checkout, or cpu. */
export function chooseVariant(ctx) {
  return Object.keys(ctx.wheels).find((variant) => binding.inspect({ ...ctx, variant }).ok) ?? 'cpu';
}
