import { afterEach, describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { openChance } from './chance.ts';
import { runClients } from './clients.ts';
import { chooseFaults } from './faults.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { undisturbedKinds } from './kinds.ts';
import { openLedger } from './ledger.ts';
import { openReport } from './report.ts';
import { storm } from './storm.ts';
import { checkAll, checkGoodbye } from './verdict.ts';

/** Decides which faults come, where, in which order, for how long and after which pauses; what they meet is up to the machine. */
const SEED = Number(process.env['EPOCHD_FAULT_SEED'] ?? 20_240_229);
const SECONDS = Number(process.env['EPOCHD_FAULT_SECONDS'] ?? 20);
/** Names, with commas between them; else all. */
const FAULTS = chooseFaults(process.env['EPOCHD_FAULTS']);
/** By then every fault has hit something, on a slow machine too. */
const AT_MOST_SECONDS = SECONDS + 120;
/** Before, to see what undisturbed runs give, and afterwards, until the last job has ended. */
const AROUND_SECONDS = 400;

/** What clients must have seen, or they have proved nothing. */
const MUST_BE_ANSWERED = ['createJob 202', 'createJob 202 replayed', 'getJob 200', 'cancelJob 202', 'retryJob 202', 'deleteJob 204'];

let fleet: Fleet | undefined;
afterEach(() => fleet?.close());

describe.skipIf(notBuilt)('whatever happens to two APIs, two workers, their Redis and their disk', () => {
  const timeout = (AT_MOST_SECONDS + AROUND_SECONDS) * 1000;
  test('every job that is accepted ends once, with the bits of an undisturbed one, and nobody is told anything else', {
    timeout,
  }, async () => {
    const report = openReport();
    fleet = await startFleet(report);
    const kinds = await undisturbedKinds(fleet, report);
    const ledger = openLedger(report);
    const began = report.seconds();
    const missed = (): string[] => [
      ...[...Object.keys(FAULTS), 'cancel and retry'].filter((name) => !report.hits.has(name)),
      ...MUST_BE_ANSWERED.filter((answer) => !report.answers.has(answer)),
    ];
    const goesOn = (): boolean => {
      const seconds = report.seconds() - began;
      return seconds < SECONDS || (seconds < AT_MOST_SECONDS && missed().length > 0);
    };
    let isOpen = true;
    const scene = { fleet, ledger, report, kinds, isOpen: () => isOpen };
    const clients = runClients(scene, (client) => openChance(SEED, 2, client));
    await storm(fleet, FAULTS, SEED, report, goesOn);
    const ended = report.seconds();
    isOpen = false;
    await clients;
    await checkAll(scene);
    await checkGoodbye(fleet, report);
    const { hits, answers } = report;
    const logBytes = [...fleet.apis, ...fleet.workers].reduce((sum, member) => sum + member.logBytes(), 0);
    console.log(
      JSON.stringify({
        seed: SEED,
        seconds: { before: Math.round(began), faults: Math.round(ended - began), after: Math.round(report.seconds() - ended) },
        jobs: ledger.jobs.length,
        faults: Object.fromEntries(hits),
        answers: Object.fromEntries([...answers].sort(([a], [b]) => a.localeCompare(b))),
        log_bytes: logBytes,
        violations: report.violations.length,
      }),
    );
    expect(report.violations.join('\n\n'), `EPOCHD_FAULT_SEED=${SEED}`).toBe('');
    expect(missed(), 'what never happened').toEqual([]);
  });
});
