import { runCommand } from './command.ts';
import { seedsCommand } from './keras/seeds.ts';

process.exitCode = await runCommand(process.argv.slice(2), seedsCommand);
