import type { Operation } from './answers.ts';

/*
 * What the product does not promise yet. The loop stays clear of exactly this, so that it fails for everything else.
 * Each line is to be taken away with the limitation that it states.
 */
export const LIMITATIONS = {
  /**
   * An idempotency key that its request has held for ten seconds is free for another request, whoever still works on it. So an API
   * that sleeps longer, between writing the run and adding it to the queue, may wake up and withdraw what another one has accepted.
   */
  longestFreezeOfApiMs: 6_000,
  /** The clock decides how old the reservation of a key is: an API whose clock is off by more than that breaks into the other's work. */
  furthestClockOfApiMs: 6_000,
  /**
   * When an API dies while it writes a run, its key is in use for the ten seconds of its reservation; then, for as long as the dead
   * one's half-written folder is in the way, it is a fault.
   */
  afterDeathInCreate: { operation: 'createJob', answer: '500 internal_error' } satisfies { operation: Operation; answer: string },
  /** A DELETE and a retry of the same job at the same time may both be said to have succeeded: here one comes after the other. */
  oneChangeAtATime: true,
  /** What processes leave in the data folder when they are killed stays there, under names that begin with a dot. */
  leftovers: true,
} as const;
