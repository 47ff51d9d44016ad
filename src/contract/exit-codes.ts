/** What the exit code of a command says. The help shows it. */
export const EXIT = { succeeded: 0, failed: 1, usage: 2, cancelled: 3, unreachable: 4, detached: 130, brokenPipe: 141 } as const;

export const EXIT_HELP = `
Exit codes: 0 succeeded, 1 failed or refused, 2 wrong usage or invalid spec, 3 cancelled,
4 the service cannot be reached, 130 detached by Ctrl-C.`;
