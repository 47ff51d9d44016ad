/** The name among `known` that was most likely meant, or null when none is near: at most a third of its letters differ. */
export function nearest(name: string, known: readonly string[]): string | null {
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of known) {
    const allowed = Math.max(1, Math.floor(candidate.length / 3));
    if (Math.abs(candidate.length - name.length) > allowed) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= allowed && (best === null || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? known.find((candidate) => isContained(name.toLowerCase(), candidate.toLowerCase())) ?? null;
}

/** "dropout_rate" for "dropout", "lr" for nothing. */
const isContained = (name: string, candidate: string): boolean =>
  name.length < 100 && candidate.length > 3 && name.length > 3 && (name.includes(candidate) || candidate.includes(name));

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (numbers: readonly number[], index: number): number => numbers[index] ?? Number.POSITIVE_INFINITY;
      const substitution = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row[j] = Math.min(at(last, j) + 1, at(row, j - 1) + 1, substitution, swapped);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
