import type { Spec } from './spec.ts';

/** How long runs may train in this service: seconds over all attempts of a run; null is no limit. */
export interface RuntimeLimits {
  /** For runs whose spec does not say how long. */
  readonly defaultSeconds: number | null;
  /** The most that a spec may ask for. */
  readonly maxSeconds: number | null;
}

export const NO_RUNTIME_LIMITS: RuntimeLimits = { defaultSeconds: null, maxSeconds: null };

type Asked = Pick<Spec, 'max_runtime_seconds'>;

/**
 * How long this run may train, in seconds over all its attempts (null: without limit), and the name of the field or setting that says so.
 * A number in the spec holds even when the service has lowered its maximum since it accepted the spec.
 */
export function runtimeOf({ max_runtime_seconds: asked }: Asked, limits: RuntimeLimits): { seconds: number | null; source: string } {
  if (asked !== null) return { seconds: asked, source: 'max_runtime_seconds' };
  const { defaultSeconds, maxSeconds } = limits;
  if (maxSeconds !== null && (defaultSeconds === null || defaultSeconds > maxSeconds)) {
    return { seconds: maxSeconds, source: 'EPOCHD_MAX_RUNTIME_SECONDS' };
  }
  return { seconds: defaultSeconds, source: 'EPOCHD_DEFAULT_RUNTIME_SECONDS' };
}
