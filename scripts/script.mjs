/** Thrown when a script cannot go on for a reason that its user can mend; the message says which, and no stack is shown. */
export class ScriptFailed extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Runs a script to its exit code. */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (failure) {
    if (!(failure instanceof ScriptFailed)) throw failure;
    process.stderr.write(`  ✗ ${failure.message}\n`);
    process.exitCode = 1;
  }
}
