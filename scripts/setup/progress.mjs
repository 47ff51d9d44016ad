const barWidth = 30;

/**
 * Shows how far a download is: on a terminal a bar that moves, elsewhere a line for every tenth.
 * The total may become known later, or never; then only the megabytes are shown.
 *
 * @param {string} label
 * @param {{ isTTY?: boolean, write(text: string): unknown }} [stream]
 */
export function createProgress(label, stream = process.stderr) {
  let total;
  let seen = 0;
  let saidTenth = 0;
  const show = (bytes) => {
    seen = Math.max(seen, bytes);
    const fraction = total ? Math.min(1, seen / total) : 0;
    const tenth = Math.floor(fraction * 10);
    if (stream.isTTY) stream.write(`\r    ${label} ${describe(seen, total, fraction)} `);
    else if (tenth > saidTenth) stream.write(`    ${label} ${describe(seen, total, fraction)}\n`);
    saidTenth = Math.max(saidTenth, tenth);
  };
  return {
    show,
    expect: (bytes) => {
      total ??= bytes;
    },
    finish: () => {
      if (total) show(total);
      if (stream.isTTY) stream.write('\n');
    },
  };
}

function describe(seen, total, fraction) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
  if (!total) return `${megabytes(seen)} MB`;
  const filled = Math.round(fraction * barWidth);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${megabytes(seen)}/${megabytes(total)} MB`;
}
