import type { Spec } from './spec.ts';

/** How long a run may train, as the service is set up: seconds over all attempts, null for no limit. */
export interface RuntimeLimits {
  /** For a spec that says nothing. */
  readonly defaultSeconds: number | null;
  /** That a spec may ask for. */
  readonly maxSeconds: number | null;
}

export const NO_RUNTIME_LIMITS: RuntimeLimits = { defaultSeconds: null, maxSeconds: null };

type Asked = Pick<Spec, 'max_runtime_seconds'>;

/** How long this run may train, and what says so. What a spec was once allowed stays allowed. */
export function runtimeOf({ max_runtime_seconds: asked }: Asked, limits: RuntimeLimits): { seconds: number | null; source: string } {
  if (asked !== null) return { seconds: asked, source: 'max_runtime_seconds' };
  const { defaultSeconds, maxSeconds } = limits;
  if (maxSeconds !== null && (defaultSeconds === null || defaultSeconds > maxSeconds)) {
    return { seconds: maxSeconds, source: 'EPOCHD_MAX_RUNTIME_SECONDS' };
  }
  return { seconds: defaultSeconds, source: 'EPOCHD_DEFAULT_RUNTIME_SECONDS' };
}
