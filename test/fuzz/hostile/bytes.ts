import fc from 'fast-check';

/** One change of some bytes. Places are shares of the length. */
interface Edit {
  readonly at: number;
  readonly how: 'flip' | 'set' | 'insert' | 'remove' | 'repeat' | 'cut';
  readonly bytes: Uint8Array;
  readonly length: number;
}

export type HostileBytes = readonly Edit[];

/** What means something to one of our readers: JSON, lines, zlib, PNG, UTF-8 cut in a character. */
const telling = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\\u0000',
  '\ufeff',
  '\u2028',
  '0',
  '-',
];

const bytes = fc.oneof(
  fc.constantFrom(...telling).map((text) => Buffer.from(text)),
  fc
    .constantFrom([0xc3], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0xff], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff])
    .map((list) => Uint8Array.from(list)),
  fc.uint8Array({ maxLength: 8 }),
);

/** @param most changes of one text or file */
export function hostileBytes(most = 3): fc.Arbitrary<HostileBytes> {
  const edit = fc.record<Edit>({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    how: fc.constantFrom('flip', 'set', 'insert', 'remove', 'repeat', 'cut'),
    bytes,
    length: fc.nat(40),
  });
  return fc.array(edit, { maxLength: most });
}

export function spoilt(valid: Uint8Array, edits: HostileBytes): Buffer {
  let now = Buffer.from(valid);
  for (const { at, how, bytes: other, length } of edits) {
    const from = Math.floor(at * now.length);
    const [before, behind] = [now.subarray(0, from), now.subarray(from)];
    switch (how) {
      case 'flip':
        if (from < now.length) now.writeUInt8(now.readUInt8(from) ^ (1 << (length & 7)), from);
        break;
      case 'set':
        now = Buffer.concat([before, other, behind.subarray(other.length)]);
        break;
      case 'insert':
        now = Buffer.concat([before, other, behind]);
        break;
      case 'remove':
        now = Buffer.concat([before, behind.subarray(length)]);
        break;
      case 'repeat':
        now = Buffer.concat([before, behind.subarray(0, length), behind]);
        break;
      case 'cut':
        now = Buffer.from(before);
        break;
      default:
        how satisfies never;
    }
  }
  return now;
}
