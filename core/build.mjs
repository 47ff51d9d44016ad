import { addon, buildAddon, isAddonCurrent } from './make/addon.mjs';
import { buildWasm, checkWasm } from './make/wasm.mjs';

/*
 * node core/build.mjs            the Node addon for this machine, unless it is up to date
 * node core/build.mjs --wasm     core/core.wasm, with core/core.wasm.json beside it
 * node core/build.mjs --check    fails unless core.wasm is what these sources give
 *
 * CXX names the compiler of the addon (g++), CLANG that of the wasm (clang).
 */
const { CXX: compiler = 'g++', CLANG: clang = 'clang' } = process.env;
const [task] = process.argv.slice(2);

if (task === '--wasm') {
  buildWasm(clang);
} else if (task === '--check') {
  const { proven, compiler: made } = checkWasm(clang);
  console.log(`core.wasm is what its sources give${proven ? '' : ` by their hashes; compiling it again takes ${made}`}`);
} else if (isAddonCurrent(compiler)) {
  console.log(`${addon} is up to date`);
} else {
  buildAddon(compiler);
  console.log(addon);
}
