import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { type OptimizerSpec, optimizerSchema } from '../../src/contract/optimizer.ts';
import type { LossName } from '../../src/contract/spec.ts';
import { type ModelDescription, type Plan, planModel } from '../../src/plan/plan.ts';

const GOLDEN = new URL('../golden/', import.meta.url);

export type Case = {
  readonly plan: Plan;
  readonly optimizer: OptimizerSpec;
  readonly arrays: Readonly<Record<string, Float32Array | Float64Array | Int32Array>>;
};

interface CaseFile {
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly T: number;
        readonly F?: number;
        readonly loss: LossName;
        readonly optimizer: object;
        readonly model: {
          readonly embedding?: { readonly input_dim: number; readonly output_dim: number; readonly mask_zero?: boolean };
          readonly lstm: readonly { readonly units: number; readonly bidirectional?: boolean }[];
          readonly dense?: ModelDescription['dense'];
          readonly output: { readonly units: number };
        };
      }
    >
  >;
}

/** A trajectory that Keras recorded, as a plan and arrays. */
export function readCase(name: string): Case {
  const { T, F, loss, optimizer, model } = (JSON.parse(readFileSync(new URL('cases.json', GOLDEN), 'utf8')) as CaseFile).cases[name]!;
  const { embedding } = model;
  const plan = planModel(
    {
      embedding: embedding ? { output_dim: embedding.output_dim, mask_zero: embedding.mask_zero ?? false } : null,
      lstm: model.lstm.map(({ units, bidirectional }) => ({
        units,
        dropout: 0,
        recurrent_dropout: 0,
        bidirectional: bidirectional ?? false,
      })),
      dense: (model.dense ?? []).map((layer) => ({ ...layer, dropout: 0 })),
    },
    embedding ? { kind: 'tokens', timesteps: T, vocabulary: embedding.input_dim } : { kind: 'numeric', timesteps: T, features: F! },
    model.output.units,
    loss,
  );
  const files = unzipSync(readFileSync(new URL(`${name}.npz`, GOLDEN)));
  const arrays = Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file.replace('.npy', ''), parseNpy(bytes)]));
  return { plan, optimizer: optimizerSchema.parse(optimizer), arrays };
}

/** The few kinds of .npy that the golden files hold, all little-endian and in C order. */
function parseNpy(bytes: Uint8Array): Float32Array | Float64Array | Int32Array {
  const start = 10 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, start));
  const body = bytes.slice(start).buffer;
  if (header.includes("'<f4'")) return new Float32Array(body);
  if (header.includes("'<f8'")) return new Float64Array(body);
  if (header.includes("'<i4'")) return new Int32Array(body);
  throw new Error(`${header}: expected <f4, <f8 or <i4`);
}
