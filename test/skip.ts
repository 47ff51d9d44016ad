/** For `skipIf`: the first reason there is, or null. What is skipped is told, never passed over in silence. */
export function skipReason(what: string, ...reasons: readonly (string | null)[]): string | null {
  const reason = reasons.find((given) => given !== null) ?? null;
  if (reason !== null) console.warn(`SKIPPED: ${what}: ${reason}`);
  return reason;
}
