import { pino } from 'pino';
import { openFolder } from '../../dist/storage/folder.js';
import { startWorker } from '../../dist/worker/worker.js';

// worker-main.mjs SETTINGS: a worker as a process of its own, for tests that kill it. SETTINGS is WorkerSettings as JSON.

const settings = JSON.parse(process.argv[2]);
settings.trainer.env = process.env;
const worker = await startWorker(settings, await openFolder(settings.dataDir), pino(pino.destination(2)));
process.on('SIGTERM', () => void worker.close());
// The test is gone.
process.on('disconnect', () => process.exit(1));
process.send?.('started');
process.channel?.unref();
