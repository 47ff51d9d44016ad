/** Where a Redis is, and who asks. Plain data. */
export interface RedisAddress {
  readonly mode: 'server' | 'sentinel' | 'cluster';
  /** The server, the sentinels, or some nodes of the Cluster; none where there is a socket. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** Of a unix socket. */
  readonly path: string | null;
  /** What the sentinels call the server. */
  readonly primary: string | null;
  readonly db: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly sentinelUsername: string | null;
  readonly sentinelPassword: string | null;
  readonly tls: boolean;
  /** 4 or 6 where only one kind of IP address is to be used. */
  readonly family: number;
  /** For people and logs: without user and password. */
  readonly name: string;
}

export function parseRedisUrl(text: string): RedisAddress;
export function socketAddress(path: string): RedisAddress;
