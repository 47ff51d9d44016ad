// A process of its own that works on a store: <module> <opener> <argument> <task> [what the task is given, as JSON]
const [module, opener, argument, task, given = '[]'] = process.argv.slice(2);
if (process.env.UMASK) process.umask(process.env.UMASK);
const blobs = await (await import(module))[opener](argument);

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const numbered = (prefix, number) => `${prefix}/${String(number).padStart(6, '0')}`;

const tasks = {
  /** Counts on as often as told, from what the newest blob says. */
  async count(prefix, times) {
    for (let won = 0; won < times; ) {
      const newest = (await blobs.children(prefix)).at(-1);
      const value = newest === undefined ? 0 : Number(await blobs.get(`${prefix}/${newest}`));
      if (await blobs.putIfAbsent(numbered(prefix, value + 1), String(value + 1))) won++;
    }
  },
  /** Asks for one key after the other, as fast as it can, and says which it got. */
  async race(prefix, keys) {
    const won = [];
    for (let number = 1; number <= keys; number++)
      if (await blobs.putIfAbsent(numbered(prefix, number), String(process.pid))) won.push(number);
    say(won);
  },
  /** Until it is killed: one blob, each time of another byte. */
  async replace(key, length) {
    for (let byte = 0; ; byte = (byte + 1) % 256) {
      await blobs.put(key, [Buffer.alloc(length / 2, byte), Buffer.alloc(length / 2, byte)]);
      say(byte);
    }
  },
  /** Until it is killed: one new blob after the other. */
  async create(prefix, length) {
    for (let number = 1; ; number++) {
      await blobs.putIfAbsent(numbered(prefix, number), Buffer.alloc(length, number % 256));
      say(number);
    }
  },
  /** Calls methods, and says what each gave or how it failed. */
  async call(...calls) {
    for (const [method, ...args] of calls) {
      const outcome = await blobs[method](...args).catch((error) => `${error.code ?? error.name}: ${error.message}`);
      say(outcome ?? null);
    }
  },
};
await tasks[task](...JSON.parse(given));
