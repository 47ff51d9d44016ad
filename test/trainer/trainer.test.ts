import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { specShape } from '../../src/contract/spec.ts';
import { notBuilt } from '../built.ts';
import { openRig } from '../rig/rig.ts';
import { claimFolderOf, progressOf, provenanceOf, untilEnded, untilInside } from '../rig/trained.ts';
import { smallJob } from '../small-jobs.ts';
import { until } from '../until.ts';

describe.skipIf(notBuilt)('a training', () => {
  test('leaves a manifest of what its bits depend on, and shows where it is while it runs', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const spec = specShape.parse(smallJob({ epochs: 2 }));
    const id = await rig.submit(spec);
    const phases = new Set<string | undefined>();
    await until(async () => {
      phases.add((await progressOf(rig, id))?.phase);
      return (await rig.runs.readRecord(id)).state === 'succeeded';
    }, 'the run has succeeded');
    expect([...phases].filter((phase) => phase !== undefined)).toEqual(expect.arrayContaining(['preparing', 'training']));
    expect((await rig.runs.readHistory(id)).map(({ step }) => step)).toEqual([313, 626]);
    expect(await provenanceOf(rig, id)).toMatchObject({
      id,
      attempt: 1,
      claim: 1,
      resumed_from_step: null,
      seed: 1,
      spec,
      spec_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      dataset: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), train_rows: 20_000, validation_rows: 5000 },
      engine: { name: 'core', variant: expect.stringMatching(/^(native|wasm)-\w+$/), versions: { node: process.version } },
      node: process.version,
      host: hostname(),
    });
    expect(worker.log()).toContain(`"job_id":"${id}"`);
  });

  test('that goes on with another engine says so in its manifest', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const id = await rig.submit();
    await untilInside(rig, id, 2);
    await worker.terminate();
    const manifest = await provenanceOf(rig, id);
    expect(manifest).toMatchObject({ bit_identical: true, engine_changes: [] });
    const other = { ...manifest.engine, variant: 'another' };
    await writeFile(join(await claimFolderOf(rig, id), 'provenance.json'), JSON.stringify({ ...manifest, engine: other }));
    await rig.startWorker();
    const run = await untilEnded(rig, id);
    expect(run.record.state).toBe('succeeded');
    const { bit_identical, engine_changes, resumed_from_step } = await provenanceOf(rig, id);
    expect(resumed_from_step).toBeGreaterThan(0);
    expect(bit_identical).toBe(false);
    expect(engine_changes).toEqual([{ step: resumed_from_step, from: other, to: manifest.engine }]);
  });

  test('with recurrent dropout that began under 0.1.0, whose gates shared a mask, says so in its manifest for good', async () => {
    const rig = await openRig();
    const worker = await rig.startWorker();
    const id = await rig.submit(smallJob({}, { model: { embedding: { output_dim: 4 }, lstm: [{ units: 8, recurrent_dropout: 0.2 }] } }));
    await untilInside(rig, id, 2);
    await worker.terminate();
    const { recurrent_dropout_masks, masks_changed_at_step, ...old } = await provenanceOf(rig, id);
    expect({ recurrent_dropout_masks, masks_changed_at_step }).toEqual({
      recurrent_dropout_masks: 'per_gate',
      masks_changed_at_step: null,
    });
    expect(old.bit_identical).toBe(true);
    await writeFile(join(await claimFolderOf(rig, id), 'provenance.json'), JSON.stringify(old));
    const second = await rig.startWorker();
    await untilInside(rig, id, 3);
    await second.terminate();
    const between = await provenanceOf(rig, id);
    expect(between).toMatchObject({ bit_identical: false, masks_changed_at_step: between['resumed_from_step'], engine_changes: [] });
    expect(between['resumed_from_step']).toBeGreaterThan(0);
    await rig.startWorker();
    await untilEnded(rig, id);
    expect(await provenanceOf(rig, id)).toMatchObject({ bit_identical: false, masks_changed_at_step: between['resumed_from_step'] });
  });

  test('whose model does not learn any more stops early, and says so', async () => {
    const rig = await openRig();
    await rig.startWorker();
    const early_stopping = { monitor: 'val_loss', patience: 0, min_delta: 1000 };
    const { record, epochs } = await untilEnded(rig, await rig.submit(smallJob({ epochs: 5 }, { callbacks: { early_stopping } })));
    expect(record).toMatchObject({ state: 'succeeded', reason: 'early_stopped' });
    expect(epochs).toBeLessThan(5);
  });
});
