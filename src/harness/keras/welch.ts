export interface Sample {
  readonly mean: number;
  readonly deviation: number;
  readonly count: number;
}

/** Mean and standard deviation (n - 1) of some values. */
export function sampleOf(values: readonly number[]): Sample {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (count - 1)), count };
}

/** Two-sided p-value of Welch's t-test: how likely samples this far apart are when their means are the same. */
export function welch(a: Sample, b: Sample): number {
  const [varianceA, varianceB] = [a.deviation ** 2 / a.count, b.deviation ** 2 / b.count];
  const t = (a.mean - b.mean) / Math.sqrt(varianceA + varianceB);
  const freedom = (varianceA + varianceB) ** 2 / (varianceA ** 2 / (a.count - 1) + varianceB ** 2 / (b.count - 1));
  return studentTails(Math.abs(t), freedom);
}

/** P(|T| > t) for Student's distribution, by Simpson's rule over its density; good to about 1e-9 for freedom >= 2. */
function studentTails(t: number, freedom: number): number {
  const density = (x: number): number => (1 + (x * x) / freedom) ** (-(freedom + 1) / 2);
  // x = tan(u) maps the half line to [0, pi/2), where the density's transform is smooth.
  const integral = (from: number, to: number): number => {
    const steps = 2000;
    const width = (to - from) / steps;
    let sum = 0;
    for (let i = 0; i <= steps; i++) {
      const u = from + i * width;
      const value = i === steps && to === Math.PI / 2 ? 0 : density(Math.tan(u)) / Math.cos(u) ** 2;
      sum += value * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
    }
    return (sum * width) / 3;
  };
  return integral(Math.atan(t), Math.PI / 2) / integral(0, Math.PI / 2);
}
