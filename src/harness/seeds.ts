import { runCommand } from './command.ts';
import { seedsCommand } from './seeds-command.ts';

process.exitCode = await runCommand(process.argv.slice(2), seedsCommand);
