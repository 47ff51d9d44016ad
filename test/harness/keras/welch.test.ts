import { expect, test } from 'vitest';
import { sampleOf, welch } from '../../../src/harness/keras/welch.ts';

/** Recorded with scipy 1.16: stats.ttest_ind(a, b, equal_var=False).pvalue */
test("Welch's p-value is scipy's", () => {
  expect(welch(sampleOf([1, 2, 3, 4.5]), sampleOf([2.5, 3, 6, 7, 8]))).toBeCloseTo(0.08467141476692976, 8);
  expect(welch(sampleOf([1, 2, 3]), sampleOf([1, 2, 3]))).toBeCloseTo(1, 8);
});
