import { runCommand } from './command.ts';
import { parityCommand } from './parity-command.ts';

process.exitCode = await runCommand(process.argv.slice(2), parityCommand);
