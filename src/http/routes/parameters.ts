import { z } from 'zod';
import { jobIdSchema } from '../../contract/job.ts';

export const idParams = z.object({ id: jobIdSchema });

export const conditional = z.object({ 'if-none-match': z.string().optional().describe('An ETag: 304 while it still holds.') });

/** A 304 has no body. */
export const notModified = z.null().describe('Nothing has changed since the ETag in If-None-Match.');

/** A number in a query, in digits: what else JavaScript takes for a number (nothing, 0x10, 1e3) is a slip. */
export const inDigits = <S extends z.ZodType>(schema: S) =>
  z.preprocess((text) => (typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : text), schema);
