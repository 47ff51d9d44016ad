import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { isTerminal, type RecordedState } from '../../src/contract/job.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import type { Runs } from '../../src/runs/store.ts';
import type { Ending } from '../../src/trainer/messages.ts';
import { STOPS } from '../../src/worker/stops.ts';
import { supervise } from '../../src/worker/supervise.ts';

const CLAIM = 3;
const STATES = Object.keys(STOPS) as RecordedState[];

/** What a trainer of claim 3 is told while the record of its run says this. */
async function toldWhen(present: Pick<RunRecord, 'state' | 'claim'>): Promise<string[]> {
  const told: string[] = [];
  let end: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  let looks = 0;
  const record = { claim: CLAIM, state: 'running' } as RunRecord;
  const settled = { ...record, ...present };
  const runs = {
    readRecord: async () => {
      if (++looks === 2) end({ type: 'stopped' });
      return settled;
    },
    end: async () => settled,
  } as unknown as Runs;
  await supervise(
    {
      runs,
      id: 'job_0',
      record,
      runtime: { seconds: null, source: '', trainedMs: () => 0 },
      memoryBytes: 0,
      trainer: { ended, stop: (reason) => told.push(reason), kill: () => told.push('kill'), memory: async () => null },
      giveBack: new AbortController().signal,
      log: pino({ level: 'silent' }),
    },
    { watchMs: 5, recordAgainMs: [] },
  );
  return [...new Set(told)];
}

describe('a trainer', () => {
  test.each(STATES)('whose run is recorded as %s is told what the table says', async (state) => {
    const how = STOPS[state];
    expect(await toldWhen({ state, claim: CLAIM })).toEqual(how === 'nothing' ? [] : [how]);
  });

  test('goes on in one state, is cancelled in one, and is killed in every other', () => {
    const of = (how: string): RecordedState[] => STATES.filter((state) => STOPS[state] === how);
    expect(of('nothing')).toEqual(['running']);
    expect(of('cancel')).toEqual(['cancelling']);
    expect(STATES.filter(isTerminal).every((state) => STOPS[state] === 'kill')).toBe(true);
  });

  test.each(STATES)('whose run another worker has claimed is killed, even if it is %s', async (state) => {
    expect(await toldWhen({ state, claim: CLAIM + 1 })).toEqual(['kill']);
  });

  test('whose run is in a state of a later version is killed', async () => {
    expect(await toldWhen({ state: 'paused' as RecordedState, claim: CLAIM })).toEqual(['kill']);
  });
});
