import { describe, expect, test } from 'vitest';
import { notBuilt } from '../built.ts';
import { epochd } from '../epochd.ts';
import { temporaryFolder } from '../folders.ts';

const COMMANDS = ['serve', 'api', 'worker', 'submit', 'follow', 'list', 'get', 'cancel', 'retry', 'delete', 'check', 'doctor', 'openapi'];
const ID = 'job_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const NOBODY = 'http://127.0.0.1:9';

describe.skipIf(notBuilt)('the command line', () => {
  test('--help names every command, and each command has help with an example', async () => {
    const { stdout, code } = await epochd(['--help']);
    expect(code).toBe(0);
    for (const command of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
      const help = await epochd([command, '--help']);
      expect(help.code, command).toBe(0);
      expect(help.stdout, command).toMatch(new RegExp(`Examples?:\\n  \\$ .*epochd ${command}`));
    }
  });

  test('without a command it shows the help and fails', async () => {
    expect(await epochd([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage: epochd') });
  });

  test.each([
    [['lsit'], "unknown command 'lsit'\n(Did you mean list?)"],
    [['list', '--limt', '3'], "unknown option '--limt'\n(Did you mean --limit?)"],
    [['list', '--limit', '0'], 'Expected a whole number from 1 to 200.'],
    [['list', '--state', 'done'], 'Allowed choices are queued, running'],
    [['get'], "missing required argument 'id'"],
    [['get', ID, 'and more'], 'too many arguments'],
  ])('%j is a wrong call, and told so', async (args, text) => {
    expect(await epochd(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(text) });
  });

  test.each([[['list']], [['get', ID]], [['follow', ID]], [['cancel', ID]], [['submit', '-']]])(
    '%j says that nobody answers',
    async (args) => {
      const stderr = expect.stringMatching(
        /^epochd: no epochd answers at http:\/\/127\.0\.0\.1:9 \(.*\): start one with "epochd serve", or name another by --url or EPOCHD_URL\n$/,
      );
      expect(await epochd(args, { EPOCHD_URL: NOBODY })).toEqual({ code: 4, stdout: '', stderr });
      expect(await epochd([...args, '--url', NOBODY])).toEqual({ code: 4, stdout: '', stderr });
    },
  );

  test('a spec that cannot be read is told by its path', async () => {
    expect(await epochd(['submit', 'no-such.json'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^epochd: no-such\.json: expected a file/),
    });
  });

  test('all faults of the configuration are told at once', async () => {
    const { code, stderr } = await epochd(['serve'], { EPOCHD_PORT: 'http', EPOCHD_HOST: '0.0.0.0' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^epochd: the configuration has 2 faults:\n {2}EPOCHD_PORT="http": .*\n {2}EPOCHD_HOST="0\.0\.0\.0": .*\n$/);
  });

  test.each(['api', 'worker'])('%s alone needs a Redis', async (command) => {
    expect(await epochd([command])).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^epochd: expected REDIS_URL, such as redis:.*\n$/),
    });
  });

  test('doctor says what this machine has', async () => {
    const { code, stdout, stderr } = await epochd(['doctor']);
    expect([0, 1]).toContain(code);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^✓ Node +\d+\.\d+\.\d+$/m);
    expect(stdout).toMatch(/^[✓✗] Redis +/m);
    expect(code === 1).toBe(stdout.includes('\n✗'));
  });

  test('serve without a Redis program says how to install one', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await epochd(['serve'], { PATH: folder, EPOCHD_DATA_DIR: folder });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('found neither. Install one (on Debian or Ubuntu: "sudo apt-get install -y redis-server"');
    expect(stderr).toContain('"sudo apt-get install -y valkey-server"');
    expect(stderr).not.toContain('    at ');
  });
});
