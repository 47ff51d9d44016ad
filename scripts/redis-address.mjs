/*
 * REDIS_URL, read by hand: several hosts, a bare % in a password and the path of a socket are no matter for `new URL`.
 *
 *   redis://[user:password@]host[:port][/db][?db=&username=&password=&family=]      rediss:// with TLS
 *   redis+sentinel://[user:password@]host[:port],.../name[/db][?sentinel_username=&sentinel_password=...]
 *   redis+cluster://[user:password@]host[:port],...
 *   unix:///path[?db=&username=&password=]
 *
 * Also read by the doctor, which runs before anything is installed: Node's modules only.
 */

const SCHEMES = {
  redis: { mode: 'server', tls: false, defaultPort: 6379, parameters: ['db', 'username', 'password', 'family'] },
  sentinel: {
    mode: 'sentinel',
    tls: false,
    defaultPort: 26_379,
    parameters: ['db', 'username', 'password', 'family', 'sentinel_username', 'sentinel_password'],
  },
  cluster: { mode: 'cluster', tls: false, defaultPort: 6379, parameters: ['username', 'password', 'family'] },
  unix: { mode: 'server', tls: false, defaultPort: 0, parameters: ['db', 'username', 'password'] },
};

const KINDS = {
  'redis:': SCHEMES.redis,
  'rediss:': { ...SCHEMES.redis, tls: true },
  'redis+sentinel:': SCHEMES.sentinel,
  'rediss+sentinel:': { ...SCHEMES.sentinel, tls: true },
  'redis+cluster:': SCHEMES.cluster,
  'rediss+cluster:': { ...SCHEMES.cluster, tls: true },
  'unix:': SCHEMES.unix,
};

const ESCAPES = 'in a password /, ?, @ and # are written %2F, %3F, %40 and %23';

/** Where a Redis is. Throws an Error that says what was expected, and repeats nothing of the text: it may hold a password. */
export function parseRedisUrl(text) {
  const [, scheme = '', rest = ''] = /^([a-z+]+:)\/\/(.*)$/is.exec(text.trim()) ?? [];
  const protocol = scheme.toLowerCase();
  const kind = Object.hasOwn(KINDS, protocol) ? KINDS[protocol] : null;
  if (!kind) throw new Error('expected a URL that begins with redis://, rediss://, redis+sentinel://, redis+cluster:// or unix:///');
  const [, authority = '', path = '', query = '', fragment] = /^([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(rest) ?? [];
  if (fragment !== undefined) throw new Error(`expected no #; ${ESCAPES}`);
  const at = authority.lastIndexOf('@');
  const parameters = readParameters(query, kind.parameters);
  const common = { ...readUser(authority.slice(0, Math.max(at, 0))), ...parameters, mode: kind.mode, tls: kind.tls };
  const hosts = authority.slice(at + 1);
  if (protocol === 'unix:') return readSocket(hosts, decode(path), common);
  const nodes = (hosts === '' && kind.mode === 'server' ? 'localhost' : hosts).split(',').map((host) => readNode(host, kind.defaultPort));
  return named({ ...common, path: null, nodes, ...readPath(path, common, nodes) }, protocol);
}

/** The address of a socket whose path is taken as it is. */
export const socketAddress = (path) => readSocket('', path, { ...readUser(''), ...readParameters('', []), mode: 'server', tls: false });

function readSocket(host, path, common) {
  if (host !== '' || !path.startsWith('/') || path === '/') throw new Error('expected a path after unix://, as in unix:///run/redis.sock');
  return { ...common, path, nodes: [], primary: null, db: common.db ?? 0, name: `unix://${path}` };
}

function readUser(text) {
  const colon = text.indexOf(':');
  const [username, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return { username: decode(username) || null, password: decode(password) || null };
}

function readNode(text, defaultPort) {
  const [, v6, host, port] = /^(?:\[([0-9a-f:.%\w]+)\]|([^\s:@[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const number = Number(port ?? defaultPort);
  if ((v6 ?? host) === undefined || number < 1 || number > 65_535)
    throw new Error(`expected host:port, with an IPv6 address in brackets; ${ESCAPES}`);
  return { host: decode(v6 ?? host), port: number };
}

/** The database, and with sentinels the name of the primary before it. */
function readPath(path, { mode, db }, nodes) {
  const parts = path
    .split('/')
    .slice(1)
    .map((part) => decode(part));
  if (mode === 'server' && nodes.length > 1) throw new Error('expected one host: several are for redis+sentinel:// and redis+cluster://');
  const primary = mode === 'sentinel' ? parts.shift() || null : null;
  if (mode === 'sentinel' && !primary)
    throw new Error("expected the primary's name after the sentinels, as in redis+sentinel://a:26379,b:26379/name");
  const [number = '', ...more] = parts;
  if (more.length > 0) throw new Error('expected nothing after the number of the database');
  const chosen = number === '' ? (db ?? 0) : readDatabase(number);
  if (mode === 'cluster' && chosen !== 0) throw new Error('expected no database: a Cluster has but one, 0');
  return { primary, db: chosen };
}

function readDatabase(text) {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`expected the number of a database after the host, such as /0; ${ESCAPES}`);
  return Number(text);
}

function readParameters(query, known) {
  const given = new Map();
  for (const part of query.split('&').filter((one) => one !== '')) {
    const [name, ...value] = part.split('=');
    const key = decode(name).toLowerCase();
    if (!known.includes(key)) throw new Error(`expected no parameters after ? but ${known.join(', ')}; ${ESCAPES}`);
    given.set(key, decode(value.join('=')));
  }
  const family = given.get('family') ?? '0';
  if (!['0', '4', '6'].includes(family)) throw new Error('expected family=0, 4 or 6');
  return {
    family: Number(family),
    db: given.has('db') ? readDatabase(given.get('db')) : null,
    sentinelUsername: given.get('sentinel_username') ?? null,
    sentinelPassword: given.get('sentinel_password') ?? null,
    ...(given.has('username') ? { username: given.get('username') } : {}),
    ...(given.has('password') ? { password: given.get('password') } : {}),
  };
}

/** With a name for people and logs, which holds no password. */
function named(address, protocol) {
  const hosts = address.nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',');
  const path = [...(address.primary ? [address.primary] : []), ...(address.db === 0 ? [] : [address.db])]
    .map((part) => `/${part}`)
    .join('');
  return { ...address, name: `${protocol}//${hosts}${path}` };
}

/** A % that escapes nothing is itself. */
function decode(text) {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      // Bytes that are no UTF-8 were meant as they stand.
      return escaped;
    }
  });
}
