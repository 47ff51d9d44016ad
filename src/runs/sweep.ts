import { jobIdSchema } from '../contract/job.ts';
import type { Blobs } from '../storage/storage.ts';
import { listUnfinished, unmark } from './changes.ts';
import { CHANGES, RUNS, runKey } from './keys.ts';
import { isGone, newestNumber, readNewest } from './record.ts';
