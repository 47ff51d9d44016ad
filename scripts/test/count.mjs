import { existsSync, readFileSync } from 'node:fs';

/**
 * Counts the tests in vitest's JSON report. A test file that failed without a failed test in it (it could not be loaded)
 * counts as a failed test, and so does an exit code that no failed test explains (a crash, an unhandled error, no report).
 */
export function countTests(path, exitCode) {
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : emptyReport;
  const isTestless = (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed');
  const failed = report.numFailedTests + report.testResults.filter(isTestless).length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const emptyReport = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
