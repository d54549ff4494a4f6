import type { CardFacts } from './card-facts.ts';
import { descriptionOf, ffhq, titleOf } from './card-words.ts';

/** By which a bag of ours is known again. */
export const BAG_AGENT = 'ffhq metadata';

/** A file of a bag: RFC 8493, BagIt 1.0. */
export interface BagFile {
  /** Below the dataset folder; in the bag it lies below `data/`. */
  readonly path: string;
  readonly bytes: number;
  readonly md5: string;
  readonly sha256?: string | undefined;
  /** Where it can be had. */
  readonly url?: string | undefined;
}

export const bagDeclaration = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** A line of a payload manifest. */
export function bagLine(digest: string, path: string): string {
  return `${digest}  data/${inBag(path)}\n`;
}

/** A line of `fetch.txt`; undefined: nobody can fetch it. */
export function fetchLine({ path, bytes, url }: BagFile): string | undefined {
  const address = fetchable(url);
  return address === undefined ? undefined : `${address} ${bytes} data/${inBag(path)}\n`;
}

export function bagInfo(
  facts: CardFacts,
  payload: { readonly bytes: number; readonly files: number; readonly isHoley: boolean },
): string {
  const { bytes, files, isHoley } = payload;
  const lines: readonly (readonly [label: string, value: string])[] = [
    ['Bag-Software-Agent', `${BAG_AGENT} (${facts.program})`],
    ['Bagging-Date', facts.made.slice(0, 10)],
    ['External-Identifier', `${ffhq.url} version ${facts.version}`],
    ['External-Description', `${titleOf(facts)}. ${descriptionOf(facts)}`],
    ...(isHoley
      ? ([
          [
            'Internal-Sender-Description',
            'A recipe without pixels: fetch.txt says where each file of data/ is to be had, the payload manifests what it must be.',
          ],
        ] as const)
      : []),
    ['Payload-Oxum', `${bytes}.${files}`],
  ];
  return lines.map(([label, value]) => `${label}: ${value}\n`).join('');
}

/** Line breaks and percent signs of names stand encoded in a bag; names of ours have neither. */
function inBag(path: string): string {
  return path.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

/** In a line whose parts spaces keep apart: URLs of http(s) alone, in which nothing is left that breaks it. */
function fetchable(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  if (!/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '')
    return undefined;
  return parsed.href.replace(/\s/g, encodeURIComponent);
}
