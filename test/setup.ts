// What Node warns of, such as listeners that add up, is a fault of a test or of the program. But for what depends on Node's version.

const TOLERATED = ['DeprecationWarning', 'ExperimentalWarning'];

process.on('warning', (warning) => {
  if (!TOLERATED.includes(warning.name)) throw warning;
});
