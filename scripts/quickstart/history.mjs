/** Keras' History as a table: `{ epoch: [1, ..], history: { loss: [..], .. } }` gives one line an epoch. */
export function formatHistory({ epoch, history }) {
  const names = Object.keys(history);
  const rows = epoch.map((number, at) => [String(number), ...names.map((name) => formatValue(history[name][at]))]);
  const table = [['epoch', ...names], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) => row.map((cell, column) => cell.padStart(widths[column])).join('  ')).join('\n');
}

function formatValue(value) {
  if (value === null || value === undefined) return '-';
  return Math.abs(value) >= 0.001 || value === 0 ? value.toFixed(4) : value.toExponential(2);
}
