// Builds assets/imdb-mini.npz from Keras' imdb.npz:  node scripts/build-imdb-mini.mjs imdb.npz [imdb-mini.npz]
// The same input gives the same bytes. Needs a build (npx tsc); its sum belongs into src/datasets/imdb/imdb-mini.ts.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { readReviews } from '../dist/datasets/imdb/imdb.js';
import { padSequences } from '../dist/datasets/pad.js';
import { toNpy } from '../dist/formats/npy-writer.js';
import { readNpz } from '../dist/formats/npz.js';

const NUM_WORDS = 500;
const MAXLEN = 100;
const ASSET = fileURLToPath(new URL('../assets/imdb-mini.npz', import.meta.url));

const [input, output = ASSET] = process.argv.slice(2);
if (!input) {
  console.error('usage: node scripts/build-imdb-mini.mjs path/to/imdb.npz [path/to/imdb-mini.npz]');
  process.exit(2);
}

const { tokens, labels } = readReviews(await readNpz(readFileSync(input), input), 'train', NUM_WORDS);
const rows = labels.length;
const fileOrder = Int32Array.from(labels.keys());
const padded = padSequences(tokens, fileOrder, MAXLEN);

const members = {
  'x_train.npy': toNpy('<u2', [rows, MAXLEN], Uint16Array.from(padded)),
  'y_train.npy': toNpy('|u1', [rows], Uint8Array.from(labels)),
};
// A zip entry carries a local time: this one is the same in every time zone.
const archive = zipSync(members, { level: 9, mtime: new Date(1980, 0, 1) });
writeFileSync(output, archive);
console.log(`${output}: ${rows} reviews, ${archive.length} bytes, sha256 ${createHash('sha256').update(archive).digest('hex')}`);
