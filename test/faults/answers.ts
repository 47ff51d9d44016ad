/* What a client may be told while everything around it breaks. Anything else is a broken promise: above all a 500. */

/** Redis or the data folder cannot be used at this moment: ask again. */
const OUTAGE = ['503 queue_unavailable', '503 storage_unavailable', '503 not_ready', '503 handler_timeout'];
const NO_ROOM = '507 storage_full';
/** A job that was deleted; whether it was, the ledger knows. */
const GONE = '404 job_not_found';

export const ANSWERS = {
  createJob: ['202', '202 replayed', '409 idempotency_conflict', NO_ROOM, ...OUTAGE],
  getJob: ['200', '304', GONE, ...OUTAGE],
  getHistory: ['200', '304', GONE, ...OUTAGE],
  listJobs: ['200', ...OUTAGE],
  cancelJob: ['202', '200', '409 wrong_state', GONE, NO_ROOM, ...OUTAGE],
  retryJob: ['202', '200', '409 wrong_state', GONE, NO_ROOM, ...OUTAGE],
  deleteJob: ['204', '409 wrong_state', GONE, NO_ROOM, ...OUTAGE],
  getQueue: ['200', ...OUTAGE],
} as const satisfies Record<string, readonly string[]>;

export type Operation = keyof typeof ANSWERS;
