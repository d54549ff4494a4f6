import { formatImageId } from '../../dataset/ids.ts';
import type { ShardKind } from '../../kinds.ts';
import { quotedLine } from '../../quoting/quoted.ts';
import type { Quad } from '../../raster/picture.ts';
import type { VerificationRecord } from '../../verify/verification-record.ts';
import { formatBytes, formatTime } from '../../words/format.ts';
import type { ToldFailure } from '../../words/report.ts';
import { table } from '../../words/table.ts';
import type { DescribedRecord } from '../described-record.ts';
import { licenseFacts } from '../license-facts.ts';

/** What lies at a file's place. */
export type Place = 'there' | 'missing' | 'other size' | 'no file';

/** A file of a record, as the folder has it. */
export interface ShownFile {
  readonly kind: ShardKind;
  /** Below the dataset folder. */
  readonly path: string;
  readonly place: Place;
  /** Bytes of what lies there. */
  readonly size?: number;
  /** What the manifest says of it; nobody says anything of what was aligned here. */
  readonly expected?: {
    readonly size: number;
    readonly md5: string;
    readonly pixelMd5: string;
    readonly width: number;
    readonly height: number;
  };
  /** What runs noted of this very file, the latest; absent where none did. */
  readonly known?: VerificationRecord;
  /** When it was let go, having served. */
  readonly discarded?: string;
  /** Why it did not come, by the last run's report. */
  readonly failure?: ToldFailure;
}

/** Where the face lies in the original. */
export interface ShownCrop {
  /** Upper left, lower left, lower right, upper right, in pixels of the original; may lie beyond its edges. */
  readonly quad: Quad;
  /** Length of its sides. */
  readonly side: number;
}

/** Everything about one picture. */
export interface ShownRecord {
  readonly record: DescribedRecord;
  readonly files: readonly ShownFile[];
  readonly crop: ShownCrop | undefined;
  /** The folder's list lets it go. */
  readonly isExcluded: boolean;
}

/** Characters of a field. */
const MOST_FIELD = 300;

/** What there is to know of a record, as name and text; texts are printable. */
export function recordRows({
  record,
  crop,
  isExcluded,
}: ShownRecord): readonly (readonly [name: string, text: string])[] {
  const { licenseWord, license, licenseUrl } = record;
  const spdx = licenseWord === undefined ? 'none of the dataset’s five' : licenseFacts[licenseWord].spdx;
  const rows: readonly (readonly [string, string])[] = [
    ['id', `${formatImageId(record.id)}, record ${record.position + 1} of the manifest, ${record.category}`],
    ['title', record.title],
    ['author', record.author],
    ['account', record.account],
    ['page', record.photoUrl],
    ['licence', `${license} (${spdx})`],
    ['its text', licenseUrl],
    ['country', record.country],
    ['uploaded', record.uploaded],
    ['crawled', record.crawled],
    ['crop', crop === undefined ? '' : cropWords(crop)],
    ...(isExcluded ? [['excluded', "the folder's list lets it go"] as const] : []),
  ];
  return rows.map(([name, text]) => [name, quotedLine(text, MOST_FIELD) || '-'] as const);
}

function cropWords({ quad, side }: ShownCrop): string {
  const corners = quad.map(([x, y]) => `(${x.toFixed(1)}, ${y.toFixed(1)})`).join(' ');
  return `${side.toFixed(1)} pixels wide in the original: ${corners}`;
}

/** What is known of a file, in a line of printable text. */
export function fileWords(file: ShownFile): string {
  return quotedLine(
    [placeWords(file), knownWords(file), failureWords(file)].filter(Boolean).join('; '),
    1_000,
  );
}

function placeWords({ place, size = 0, expected, discarded }: ShownFile): string {
  switch (place) {
    case 'there':
      return formatBytes(size);
    case 'other size':
      return `expected ${expected?.size} bytes, got ${size}`;
    case 'missing':
      return discarded === undefined ? 'missing' : `let go ${formatTime(discarded)}, having served`;
    case 'no file':
      return 'something else than a file lies there';
    default:
      return place satisfies never;
  }
}

function knownWords({ place, known }: ShownFile): string {
  if (known === undefined) return place === 'there' ? 'not verified by a run of yours' : '';
  if (known.how === 'damaged')
    return `damaged, seen ${formatTime(known.at)}: ${known.reason}, ${known.detail}`;
  const from = known.source === undefined ? '' : `, from ${known.source}`;
  const encoding = known.accepted === undefined ? '' : ', another encoding of the same pixels';
  const how = known.how === 'stored' ? 'when it was stored' : 'as it lay there';
  return `verified ${formatTime(known.at)}, ${how}${from}${encoding}`;
}

function failureWords({ failure }: ShownFile): string {
  return failure === undefined
    ? ''
    : `the last report: ${failure.reason}, ${failure.detail}; ${failure.whatToDo}`;
}

/** The whole answer in words. */
export function shownLines(shown: ShownRecord): readonly string[] {
  return [
    ...table(recordRows(shown).map(([name, text]) => [name, text])),
    '',
    ...table(shown.files.map((file) => [file.kind, file.path, fileWords(file)])),
  ].map((line) => line.trimEnd());
}
