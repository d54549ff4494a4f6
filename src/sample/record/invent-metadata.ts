import { Random } from '../random/random.ts';
import type { RecordMetadata } from './record.ts';

/** The five licences of the real dataset: name, URL, and how many of 200 records have it. */
const licenses = [
  ['Attribution License', 'https://creativecommons.org/licenses/by/2.0/', 99],
  ['Attribution-NonCommercial License', 'https://creativecommons.org/licenses/by-nc/2.0/', 83],
  ['Public Domain Mark', 'https://creativecommons.org/publicdomain/mark/1.0/', 12],
  ['Public Domain Dedication (CC0)', 'https://creativecommons.org/publicdomain/zero/1.0/', 4],
  ['United States Government Work', 'http://www.usa.gov/copyright.shtml', 2],
] as const;

// What people write, including what a careless report, table or spreadsheet would stumble over.
const titles = [
  'IMG_2041.JPG',
  'Grandmother’s birthday',
  '',
  'Straßenfest – Köln',
  '夏祭りの写真',
  '=SUM(A1:A9)',
  'Portrait "at the lake"',
  'Жанна в парке',
  '<b>bold</b> & [bracketed](link) | piped',
  'صورة من الرحلة',
  'Smile \u{1F600}\u{1F3FD} day 3',
  'C:\\photos\\2012\\новый год',
  'two\nlines\tand a tab',
  'Le café de l’été',
  'a title that goes on and on, because somebody put the whole story of the day into it, as people do',
  '사진 한 장',
];
const authors = [
  'Ada Example',
  'Jürgen Muster',
  'María Pérez (sample)',
  '見本 太郎',
  'O’Sample & Sons',
  'sample_photos_2009',
  'Пример Примеров',
  'Zoë, “the lens”',
  'محمد مثال',
  'N/A',
];
const countries = [
  'United States',
  'United Kingdom',
  'Canada',
  'Spain',
  'Taiwan',
  'Côte d’Ivoire',
  'Türkiye',
];

/** Shares of the real dataset, or every licence and country often enough to be seen in a few records. */
export type MetadataMix = 'as in FFHQ' | 'varied';

/** Invented title, author, place and licence of a photo; no real person, account or photograph is meant. */
export function inventMetadata(seed: number, photo: number, mix: MetadataMix): RecordMetadata {
  const random = new Random(seed, 0x6d657461, photo);
  const account = random.below(2) === 0 ? `ffhq-sample-${photo % 997}` : `${10_000_000 + photo}@N00`;
  const [license, license_url] = mix === 'varied' ? cycled(licenses, photo) : shared(random.below(200));
  const known = mix === 'varied' ? photo % 2 === 1 : random.below(100) < 15;
  return {
    photo_url: `https://www.flickr.com/photos/${account}/${2_000_000_000 + photo}/`,
    photo_title: mix === 'varied' ? cycled(titles, photo) : random.pick(titles),
    author: mix === 'varied' ? cycled(authors, photo) : random.pick(authors),
    country: known ? random.pick(countries) : '',
    license,
    license_url,
    date_uploaded: day(2005 + random.below(13), random),
    date_crawled: `2018-${two(5 + random.below(6))}-${two(1 + random.below(28))}`,
  };
}

function shared(of200: number) {
  let left = of200;
  for (const license of licenses) {
    left -= license[2];
    if (left < 0) return license;
  }
  return licenses[0];
}

function cycled<Item>(items: readonly [Item, ...Item[]] | readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('cycled pick: expected at least one item, got none');
  return item;
}

function day(year: number, random: Random): string {
  return `${year}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
