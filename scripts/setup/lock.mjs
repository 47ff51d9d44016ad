import { createHash } from 'node:crypto';
import { createConnection, createServer } from 'node:net';

/**
 * Runs `work` while no other process on this machine holds the same name; `onWait` is called when another holds it.
 *
 * The lock is a listening socket in Linux's abstract namespace: the kernel gives it to one process and takes it back when
 * that process ends, however it ends, so no stale lock can be left. Other systems have none, and there work runs unlocked.
 */
export async function withLock(name, onWait, work) {
  if (process.platform !== 'linux') return work();
  const address = `\0epochd-${createHash('sha256').update(name).digest('hex')}`;
  let server = await listen(address);
  if (!server) onWait();
  while (!server) {
    await heldUntilClosed(address);
    server = await listen(address);
  }
  try {
    return await work();
  } finally {
    await release(server);
  }
}

/** The listening server, or undefined when another process listens. */
function listen(path) {
  const waiting = new Set();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => waiting.delete(socket));
  });
  server.waiting = waiting;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(server));
  });
}

function heldUntilClosed(path) {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.on('close', resolve);
    socket.on('error', (error) => (['ECONNREFUSED', 'ECONNRESET'].includes(error.code) ? undefined : reject(error)));
  });
}

function release(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    for (const socket of server.waiting) socket.destroy();
  });
}
