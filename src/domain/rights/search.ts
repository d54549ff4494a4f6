import { accountOf } from '../selection/author-key.ts';
import type { DescribedRecord } from './described-record.ts';

/** Letters with a mark that Unicode does not take apart, and signs that people type in more than one way. */
const ALIKE: Readonly<Record<string, string>> = {
  ...{ ø: 'o', đ: 'd', ð: 'd', ł: 'l', ħ: 'h', ŧ: 't', æ: 'ae', œ: 'oe', þ: 'th', ς: 'σ' },
  ...{ '’': "'", '‘': "'", ʼ: "'", '‐': '-', '‑': '-', '–': '-' },
};
const ALIKE_SIGNS = new RegExp(`[${Object.keys(ALIKE).join('')}]`, 'gu');

/**
 * A name as people compare names, who look for themselves: case, width, ligatures, accents and what cannot be seen do not
 * count, so that `jose` finds José and the other way round. Marks of scripts in which they are letters (Devanagari, kana) do.
 */
export function foldedName(name: string): string {
  if (/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(name)) return name.toLowerCase();
  return (
    name
      .normalize('NFKD')
      // Upper case first: it writes out ß and what else has no single letter.
      .toUpperCase()
      .toLowerCase()
      .normalize('NFKD')
      .replace(/[\u0300-\u036f]|\p{Default_Ignorable_Code_Point}/gu, '')
      .replace(ALIKE_SIGNS, (sign) => ALIKE[sign] ?? sign)
      .normalize('NFC')
      .replace(/\s+/g, ' ')
      .trim()
  );
}

/** A photograph's own number, in the address of its page or of its picture: it stays when an account gets another name. */
const PHOTO =
  /^(?:https?:\/\/)?(?:(?:www\.|m\.)?flickr\.com\/photos\/[^/?#\s]+\/|(?:live|farm\d+|c\d+)\.static\.?flickr\.com\/(?:[\w-]+\/){1,3})(\d{1,20})(?:[/_?#]|$)/i;

type IsFound = (record: Pick<DescribedRecord, 'account' | 'author' | 'photoUrl'>) => boolean;

/**
 * As the dataset's own page searches: an account, whole, or a part of an author's name; and by the address of a photograph
 * or of a person's page.
 *
 * @returns undefined: there is nothing in it to look for.
 */
export function searchFor(asked: string): IsFound | undefined {
  const text = asked.trim();
  const photo = PHOTO.exec(text)?.[1];
  if (photo !== undefined) return ({ photoUrl }) => PHOTO.exec(photoUrl)?.[1] === photo;
  const page = /^(www\.|m\.)?flickr\.com\//i.test(text) ? `https://${text}` : text;
  const account = accountOf(page.replace(/^(https?:\/\/)m\./i, '$1www.'));
  if (account !== undefined) return isOf(account);
  if (/^https?:\/\//i.test(text)) return ({ photoUrl }) => plain(photoUrl) === plain(text);
  const name = foldedName(text);
  if (name === '') return undefined;
  const isTheirs = isOf(text);
  const seen = new Map<string, boolean>();
  return (record) => {
    if (isTheirs(record)) return true;
    const { author } = record;
    // Many photographs have one author.
    const known = seen.get(author) ?? foldedName(author).includes(name);
    if (seen.size < 10_000) seen.set(author, known);
    return known;
  };
}

function isOf(account: string): IsFound {
  const wanted = accountName(account);
  return (record) => record.account !== '' && accountName(record.account) === wanted;
}

/** Flickr takes both forms of an `@`. */
function accountName(account: string): string {
  return account.toLowerCase().replace('%40', '@');
}

function plain(address: string): string {
  return address
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/{1,8}$/, '')
    .toLowerCase();
}
