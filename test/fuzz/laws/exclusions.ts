import fc from 'fast-check';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { Excluder } from '../../../src/domain/exclusion/excluder.ts';
import {
  type ExclusionEntry,
  exclusionText,
  mostOfExclusions,
  noExclusions,
  parseExclusions,
  withEntries,
} from '../../../src/domain/exclusion/exclusion-list.ts';
import { parseFlickrList } from '../../../src/domain/exclusion/flickr-list.ts';
import { Ledger, parseLedgerLine } from '../../../src/domain/exclusion/ledger.ts';
import { TellingWords } from '../../../src/domain/exclusion/telling-words.ts';
import { hostileText } from '../../support/hostile-text.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { hostileJson, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';

const md5 = 'a'.repeat(32) as Md5;
const sha256 = 'b'.repeat(64);
const at = '2026-01-01T00:00:00.000Z';
const person = { id: 7, author: 'Ada', photoUrl: 'https://www.flickr.com/photos/ada/1/' } as never;

const entries: readonly ExclusionEntry[] = [
  { at, ids: '1,5-9', manifestMd5: md5, reason: 'asked' },
  { at, accounts: [sha256], authors: [sha256], photos: [sha256] },
];
const list = withEntries(noExclusions, entries);
const text = exclusionText(list);

/** A list that somebody gives away is taken as it was written or not at all, and lets go what it says. */
export const exclusionLists = law(
  'exclusions',
  80,
  fc.record({ json: hostileJson(2), bytes: hostileBytes(1), lines: fc.array(hostileText, { maxLength: 5 }) }),
  ({ json, bytes, lines }) => {
    for (const given of [textOf(JSON.parse(text), json), spoilt(Buffer.from(text), bytes).toString()]) {
      const parsed = parseExclusions(given);
      if ('problem' in parsed) continue;
      if (parsed.entries.length > mostOfExclusions.entries) throw new Error('entries: expected a bound');
      const again = parseExclusions(exclusionText(parsed));
      if ('problem' in again || again.digest !== parsed.digest)
        throw new Error(`list: expected the same again of ${exclusionText(parsed)}`);
      const excluder = new Excluder(parsed, md5);
      if (excluder.excludes(person) !== excluder.ids.includes(7 as never))
        throw new Error('excluder: expected those that the list names, got another');
    }
    const found = parseFlickrList(lines);
    if ('problem' in found && found.line > lines.length) throw new Error('line: expected one that is there');
  },
);

const removed = {
  ...{ what: 'record', at, reason: 'asked', manifest: md5, id: 7, record: sha256 },
  files: { images: sha256 },
};
const manifest = { what: 'manifest', at, manifest: md5, text: 'c'.repeat(32), size: 5, records: 1 };

/** Lines of a ledger, and texts that are searched for what went. */
export const ledgers = law(
  'ledgers',
  80,
  fc.record({
    line: fc.constantFrom(removed, manifest),
    json: hostileJson(2),
    words: fc.array(hostileText, { maxLength: 6 }),
    around: hostileText,
  }),
  ({ line, json, words, around }) => {
    const parsed = parseLedgerLine(textOf(line, json));
    const ledger = new Ledger(parsed === undefined ? [] : [parsed]);
    const counted = ledger.removedOf(md5);
    if (parsed?.what === 'record' && parsed.manifest === md5 && !counted.has(parsed.id))
      throw new Error('ledger: expected the record that it names');
    for (const word of [removed.record.slice(0, 32), 'images1024x1024/00000/00007.png', 'Ada Lovelace']) {
      if (!new TellingWords([...words, word]).isIn(`${around} ${word} ${around}`))
        throw new Error(`words: expected ${word} to be found`);
    }
  },
);
