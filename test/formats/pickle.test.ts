import { expect, it } from 'vitest';
import { DatasetCorrupt } from '../../src/contract/errors.ts';
import { readPickledLists } from '../../src/formats/pickle/pickle.ts';

// pickle.dumps(array, protocol), numpy 2.4.6, of the lists in LISTS as an array of objects
const WRITTEN_BY_NUMPY = {
  'protocol 2':
    '8002636e756d70792e5f636f72652e6d756c746961727261790a5f7265636f6e7374727563740a7100636e756d70790a6e6461727261790a71014b00857102635f636f646563730a656e636f64650a7103580100000062710458060000006c6174696e317105867106527107877108527109284b014b0485710a636e756d70790a64747970650a710b58020000004f38710c898887710d52710e284b0358010000007c710f4e4e4e4affffffff4affffffff4b3f74711062895d7111285d7112284b014bff4d00014dffff655d71135d7114284a000001004affffffff4affffff7f655d71154b076165747116622e',
  'protocol 3':
    '8003636e756d70792e5f636f72652e6d756c746961727261790a5f7265636f6e7374727563740a7100636e756d70790a6e6461727261790a71014b008571024301627103877104527105284b014b04857106636e756d70790a64747970650a710758020000004f387108898887710952710a284b0358010000007c710b4e4e4e4affffffff4affffffff4b3f74710c62895d710d285d710e284b014bff4d00014dffff655d710f5d7110284a000001004affffffff4affffff7f655d71114b076165747112622e',
  'protocol 4':
    '800495b2000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b04859468038c0564747970659493948c024f3894898887945294284b038c017c944e4e4e4affffffff4affffffff4b3f749462895d94285d94284b014bff4d00014dffff655d945d94284a000001004affffffff4affffff7f655d944b0761657494622e',
};
const LISTS = [[1, 255, 256, 65535], [], [65536, -1, 2147483647], [7]];

function listsOf(bytes: Buffer): number[][] {
  const { values, offsets } = readPickledLists(bytes, 'x.npy');
  return [...offsets.subarray(1)].map((end, row) => [...values.subarray(offsets[row], end)]);
}

it.each(Object.entries(WRITTEN_BY_NUMPY))('reads lists that numpy wrote in %s', (_, hex) => {
  expect(listsOf(Buffer.from(hex, 'hex'))).toEqual(LISTS);
});

const START = '\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01';
const DTYPE = 'cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb';
/** An array as numpy 1 on Python 2 writes it, with these items. */
const array = (items: string, rows = '\x01', dtype = DTYPE): Buffer =>
  Buffer.from(`${START}K${rows}\x85${dtype}K\x00${items}tb.`, 'latin1');

it('reads an array from the time of Python 2', () => {
  expect(listsOf(array('](](K\x01M\x00\x02e]e', '\x02'))).toEqual([[1, 512], []]);
});

it('reads a long list, which comes in batches', () => {
  const batch = `(${'K\x05'.repeat(1000)}e`;
  expect(listsOf(array(`](]${batch}${batch}e`))).toEqual([Array(2000).fill(5)]);
});

const raw = (text: string) => Buffer.from(text, 'latin1');

it.each<[string, Buffer, RegExp]>([
  ['os.system', raw('\x80\x02cos\nsystem\nU\x04true\x85R.'), /refused global "os\.system"/],
  ['os.system in protocol 4', raw('\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.'), /refused global "os\.system"/],
  ['a global of numpy that an array does not need', raw('\x80\x02cnumpy\nload\n.'), /refused global "numpy\.load"/],
  ['builtins.eval among the items', array('](cbuiltins\neval\ne'), /refused global "builtins\.eval"/],
  ['INST', raw('\x80\x02(ios\nsystem\n.'), /refused opcode INST/],
  ['OBJ', array('](o'), /refused opcode OBJ/],
  ['NEWOBJ', array('\x81'), /refused opcode NEWOBJ/],
  ['PERSID', array('Pid\n'), /refused opcode PERSID/],
  ['EXT1', array('\x82\x01'), /refused opcode EXT1/],
  ['a dict', array('}'), /refused opcode EMPTY_DICT/],
  ['a float', array('](](G\x00\x00\x00\x00\x00\x00\x00\x00ee'), /refused opcode BINFLOAT/],
  ['an int of more than 32 bits', array('](](\x8a\x05\x01\x01\x01\x01\x01ee'), /refused opcode LONG1/],
  ['a byte that is no opcode', array('\xfe'), /refused opcode 0xfe/],
  ['protocol 5', raw('\x80\x05.'), /expected protocol 2, 3 or 4, not 5/],
  ['a list that occurs twice', array('](](K\x01eq\x05h\x05e', '\x02'), /refused a list that occurs twice/],
  ['strings in a list', array('](](U\x01aee'), /expected a pickled list, not a/],
  ['ints and lists in one list', array('](](K\x01]ee'), /refused a list of both ints and lists/],
  ['lists in the lists', array('](](]ee'), /expected ints in list 0, not lists/],
  [
    'ints that belong to no row',
    array('](](K\x01ee', '\x01', `${DTYPE.slice(0, DTYPE.indexOf('('))}](K\x09eb`),
    /expected list 0 to follow the one before it/,
  ],
  ['POP', array('](K\x01e0'), /refused opcode POP/],
  ['more rows than the shape says', array('](]]e'), /expected shape \(2,\) for 2 lists, not \[1\]/],
  ['an array of floats', array('](]e', '\x01', DTYPE.replace('O8', 'f8')), /expected an array of objects \(O8\), not of f8/],
  ['a memo entry that is not there', array('h\x07'), /expected memo entry 7 to be there/],
  ['APPENDS without MARK', raw('\x80\x02]e.'), /expected a MARK before it/],
  ['a tuple of nothing', raw('\x80\x02\x87.'), /expected the items of a tuple/],
  ['STOP with an empty stack', raw('\x80\x02.'), /expected a value, but the stack is empty/],
  ['a plain list', raw('\x80\x02].'), /expected a pickled object, not a pickled list/],
  ['a dtype in place of an array', raw(`\x80\x02${DTYPE}.`), /expected a numpy array, not what numpy\.dtype makes/],
  ['bytes after STOP', Buffer.concat([array('](]e'), raw('N')]), /expected the end here, but 1 bytes follow/],
  ['a flood of values', Buffer.alloc(2 ** 22, 'K\x01', 'latin1'), /expected at most 1048576 values on the stack/],
  ['a flood of lists', raw(`\x80\x02]${'(]]]]]]e'.repeat(2 ** 17 + 1)}`), /expected at most 1048576 opcodes that are not ints/],
  ['a string of 4 GiB', raw('\x80\x02X\xff\xff\xff\xffa'), /expected 4294967295 more bytes, but it is truncated/],
  ['nothing', Buffer.alloc(0), /truncated/],
])('refuses %s', (_, bytes, message) => {
  const read = () => readPickledLists(bytes, 'imdb.npz: x_train.npy');
  expect(read).toThrow(DatasetCorrupt);
  expect(read).toThrow(message);
  expect(read).toThrow(/^imdb\.npz: x_train\.npy: pickle byte \d+: /);
});

it.each(Object.entries(WRITTEN_BY_NUMPY))('refuses %s cut off anywhere, and reads or refuses it with any byte wrong', (_, hex) => {
  const whole = Buffer.from(hex, 'hex');
  for (let at = 0; at < whole.length; at++) {
    expect(() => readPickledLists(whole.subarray(0, at), 'x.npy'), `the first ${at} bytes`).toThrow(DatasetCorrupt);
    for (let value = 0; value < 256; value++) {
      const wrong = Buffer.from(whole);
      wrong[at] = value;
      try {
        readPickledLists(wrong, 'x.npy');
      } catch (error) {
        if (!(error instanceof DatasetCorrupt)) throw error;
      }
    }
  }
});
