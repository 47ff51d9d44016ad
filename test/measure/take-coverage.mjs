import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeCoverage } from 'node:v8';

/*
 * Loaded into a process by count-files.mjs: at SIGUSR2 it writes to NODE_V8_COVERAGE which functions ran since the last time, and
 * then a file taken-PID-NUMBER, which says that the report is whole.
 */
let taken = 0;
process.on('SIGUSR2', () => {
  takeCoverage();
  writeFileSync(join(process.env.NODE_V8_COVERAGE, `taken-${process.pid}-${taken++}`), '');
});
