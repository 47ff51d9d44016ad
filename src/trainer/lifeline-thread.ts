import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type Beating, LIFELINE_FD, type LifelineData } from './lifeline.ts';

/* The main file of the lifeline's thread. */

/** Of a processor, and at least so much between two beats: a process that uses less does nothing but beat, which takes 0.3 ms. */
const IDLE_SHARE = 0.005;
const IDLE_MS = 2;

/**
 * Whether another thread of this process waits for a processor or a disk: on a machine with too much to do a training gets next
 * to no processor time, and is not hung. Only Linux says so.
 */
function isHeldUp(): boolean {
  try {
    const own = basename(readlinkSync('/proc/thread-self'));
    const others = readdirSync('/proc/self/task').filter((thread) => thread !== own);
    return others.some((thread) => /^.*\) [RD]/s.test(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')));
  } catch {
    // Not Linux, or a thread that ended just now: the next beat looks again.
    return false;
  }
}

const turns = new Int32Array((workerData as LifelineData).turns);
const lifeline = new Socket({ fd: LIFELINE_FD, readable: true, writable: true });
lifeline.on('error', () => undefined); // 'close' follows.
// SIGKILL: a main thread inside a call would never see another signal.
lifeline.on('close', () => process.kill(process.pid, 'SIGKILL'));
lifeline.resume();

parentPort?.once('message', ({ everyMs, longestCallMs }: Beating) => {
  lifeline.write('.');
  let seen = Atomics.load(turns, 0);
  let usage = process.cpuUsage();
  let withoutTurnMs = 0;
  setInterval(() => {
    const now = Atomics.load(turns, 0);
    const { user, system } = process.cpuUsage(usage);
    const isComputing = (user + system) / 1000 > Math.max(IDLE_MS, IDLE_SHARE * everyMs);
    withoutTurnMs = now === seen ? withoutTurnMs + everyMs : 0;
    seen = now;
    usage = process.cpuUsage();
    if (withoutTurnMs === 0 || ((isComputing || isHeldUp()) && withoutTurnMs < longestCallMs)) lifeline.write('.');
  }, everyMs);
});
