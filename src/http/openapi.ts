import swagger from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { stringify } from 'yaml';
import { z } from 'zod';
import { checkpointSchema } from '../contract/checkpoint.ts';
import { jobSchema } from '../contract/job.ts';
import { specShape } from '../contract/spec.ts';
import type { App } from './context.ts';
import { tidyDocument } from './openapi-document.ts';
import { problemSchema } from './protocol/problem.ts';

/** Schemas that have a name of their own in the document. */
const COMPONENTS = { Job: jobSchema, Spec: specShape, Checkpoint: checkpointSchema, Problem: problemSchema };
for (const [id, schema] of Object.entries(COMPONENTS)) z.globalRegistry.add(schema, { id });

/** What says nothing to a reader: a format spelt out as an expression, and the bounds of a double's integers. */
const zodToJsonConfig = {
  override: ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  },
};

const transformObject = createJsonSchemaTransformObject({ zodToJsonConfig });

/** Collects the OpenAPI document from the routes that are added after this. */
export async function describeApi(app: App, version: string, url: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'epochd',
        version,
        description: 'Trains LSTM models: POST a spec, watch the job, take the best model.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url }],
      tags: [
        { name: 'jobs', description: 'Submit, watch, stop.' },
        { name: 'results', description: 'What a job has learnt.' },
        { name: 'service', description: 'The service itself.' },
      ],
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig }),
    transformObject: (document) => tidyDocument(transformObject(document)),
  });
}

/** The document as openapi.yaml holds it. */
export const openApiYaml = (app: App): string => stringify(app.swagger(), { lineWidth: 140, aliasDuplicateObjects: false });
