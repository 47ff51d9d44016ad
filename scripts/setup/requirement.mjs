import { ScriptFailed } from '../script.mjs';
import { withLock } from './lock.mjs';

// A requirement is { name, needed, inspect, mend, place?, doing?, install?, optional?, isPossible? }:
//   inspect(ctx)  -> { ok, found }, a look that changes nothing
//   mend(ctx)     -> the command that a person types to get it
//   install(ctx)  -> gets it, when set-up can; `doing` says so in words, `place(ctx)` is what must not be changed by two at once

/** Thrown when something needed is missing and set-up cannot get it; the message ends with the command that does. */
export class SetupFailed extends ScriptFailed {
  constructor(requirement, reason, ctx, cause) {
    super(`${requirement.name}: ${reason}\n    Needed:     ${requirement.needed}\n    To get it:  ${requirement.mend(ctx)}`, { cause });
  }
}

/** Leaves a requirement met: looks, and only when it is missing gets it, then looks again. Throws SetupFailed. */
export async function ensure(requirement, ctx) {
  const before = await requirement.inspect(ctx);
  if (before.ok) {
    if (!ctx.quiet) ctx.say(`  ✓ ${requirement.name}: ${before.found}`);
    return;
  }
  if (!requirement.install) throw new SetupFailed(requirement, before.found, ctx);
  const sayWaiting = () => ctx.say(`  · ${requirement.name}: another set-up is at work, waiting for it`);
  await withLock(requirement.place(ctx), sayWaiting, () => installUnlessMet(requirement, ctx));
}

/** As `ensure`, for what one can do without: where it cannot be got, says how it could be. */
export async function ensureIfPossible(requirement, ctx) {
  const { ok, found } = await requirement.inspect(ctx);
  if (ok || requirement.isPossible(ctx)) return ensure(requirement, ctx);
  if (!ctx.quiet) ctx.say(`  - ${requirement.name}: ${found}\n    To get it:  ${requirement.mend(ctx)}`);
}

async function installUnlessMet(requirement, ctx) {
  const before = await requirement.inspect(ctx);
  if (!before.ok) {
    ctx.say(`  · ${requirement.name}: ${requirement.doing}`);
    try {
      await requirement.install(ctx);
    } catch (cause) {
      throw cause instanceof SetupFailed ? cause : new SetupFailed(requirement, cause.message, ctx, cause);
    }
  }
  const after = await requirement.inspect(ctx);
  if (!after.ok) throw new SetupFailed(requirement, after.found, ctx);
  ctx.say(`  ✓ ${requirement.name}: ${after.found}`);
}
