import { capture, which } from './command.mjs';
import { debianPackages } from './debian.mjs';

const servers = ['redis-server', 'valkey-server'];
const packages = debianPackages('redis-server');

export const redis = {
  ...packages,
  name: 'Redis',
  needed: 'redis-server or valkey-server on PATH',
  inspect: (ctx) => {
    const found = servers.map((name) => which(name, ctx.env)).find(Boolean);
    return { ok: found !== undefined, found: found ?? 'neither redis-server nor valkey-server on PATH' };
  },
  /** Debian's package starts a service and enables it; epochd starts a server of its own, so that one is stopped and disabled. */
  install: async (ctx) => {
    await packages.install(ctx);
    await capture('service', ['redis-server', 'stop'], { env: ctx.env });
    await capture('update-rc.d', ['redis-server', 'disable'], { env: ctx.env });
  },
};
