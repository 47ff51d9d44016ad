import { runCommand } from './command.ts';
import { parityCommand } from './keras/parity.ts';

process.exitCode = await runCommand(process.argv.slice(2), parityCommand);
