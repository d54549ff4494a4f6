/** Lists of digests that `md5sum -c` and `sha256sum -c` take, given in the dataset folder. */

/** A line for a file by its path below the dataset folder, whose names are plain: no line break, no backslash. */
export function sumLine(digest: string, path: string): string {
  if (/[\\\r\n]/.test(path)) throw new RangeError(`path: expected a plain one, got ${JSON.stringify(path)}`);
  return `${digest}  ${path}\n`;
}

/** Ways in which a dataset may be described, in the order in which they are made: later ones name earlier ones. */
export const cardFormats = ['md5', 'sha256', 'croissant', 'ro-crate', 'card', 'citation', 'bagit'] as const;
export type CardFormat = (typeof cardFormats)[number];

export const cardFiles = {
  md5: 'manifest.md5',
  sha256: 'manifest-sha256.txt',
  croissant: 'croissant.json',
  'ro-crate': 'ro-crate-metadata.json',
  card: 'README.md',
  citation: 'CITATION.cff',
  bagit: 'ffhq-bag',
} as const satisfies Record<CardFormat, string>;

/** Where the card goes when a README of the user's own is there. */
export const CARD_BESIDE = 'DATASET_CARD.md';
