import { ListedFiles } from '../../activities/describe/listed-files.ts';
import { formatImageId, type ImageId } from '../../domain/dataset/ids.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import type { ImageKind } from '../../domain/kinds.ts';
import { quotedLine } from '../../domain/quoting/quoted.ts';
import { licenseFacts } from '../../domain/rights/license-facts.ts';
import { searchFor } from '../../domain/rights/search.ts';
import { formatCount } from '../../domain/words/format.ts';
import { table } from '../../domain/words/table.ts';
import { noteTo } from '../../terminal/display.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { type FolderRecord, recordsIn } from './chosen-records.ts';

/** As the dataset's own page: whoever finds more had better look for more letters. */
const MOST_SHOWN = 3_000;

/** Characters of an account and of a name in a table. */
const MOST_CELL = 40;

interface Found {
  readonly record: FolderRecord;
  readonly account: string;
}

/**
 * `ffhq search NAME`: which pictures are somebody's; needs no server. Exit code 1 where nothing is found, as grep has it. The
 * name is compared here and now, and neither kept nor told to anybody.
 */
export const search: Verb = async (context, values, [name = '']) => {
  const out = chooseOut(values.out, values.out === undefined, context.folders);
  const isFound = searchFor(name);
  if (isFound === undefined)
    throw refused('name: expected an account, a part of a name or an address, got nothing');
  const display = displayFor(context, values);
  const found = new FirstByAccount();
  let records = 0;
  for await (const record of recordsIn(context, out, noteTo(display))) {
    records += 1;
    if (isFound(record)) found.add(record);
  }
  const matches = await matchesOf(
    found.first().map(({ record }) => record),
    out,
  );
  const count = found.count;
  const more = count > matches.length ? `; the first ${formatCount(matches.length)} are shown` : '';
  display.say({ event: 'search', records, found: count, matches }, [
    ...table(matches.map(rowOf)),
    `${formatCount(count)} of ${formatCount(records)} records${more}`,
  ]);
  return count === 0 ? exitCodes.nothingFound : exitCodes.complete;
};

/** The first ones by account, then by id, without keeping all of a common name's. */
class FirstByAccount {
  #found: Found[] = [];
  count = 0;

  add(record: FolderRecord): void {
    this.count += 1;
    this.#found.push({ record, account: record.account.toLowerCase() });
    if (this.#found.length >= 2 * MOST_SHOWN) this.#found = [...this.first()];
  }

  first(): readonly Found[] {
    this.#found.sort((a, b) =>
      a.account < b.account ? -1 : a.account > b.account ? 1 : a.record.id - b.record.id,
    );
    return this.#found.slice(0, MOST_SHOWN);
  }
}

interface Match {
  readonly id: ImageId;
  readonly account: string;
  readonly author: string;
  readonly title: string;
  readonly photoUrl: string;
  readonly license: string;
  readonly licenseUrl: string;
  readonly spdx: string | null;
  readonly category: string;
  /** Kinds of which a file lies in the folder. */
  readonly present: readonly ImageKind[];
  /** The folder's list lets it go. */
  readonly excluded: boolean;
}

async function matchesOf(records: readonly FolderRecord[], out: string): Promise<readonly Match[]> {
  const listed = new ListedFiles(out);
  const there = new Map<ImageId, readonly ImageKind[]>();
  // By id: a folder of a thousand files is listed once.
  for (const { id, files } of [...records].sort((a, b) => a.id - b.id)) {
    const present: ImageKind[] = [];
    for (const { kind, path } of files) if (await listed.has(path)) present.push(kind);
    there.set(id, present);
  }
  return records.map((record): Match => {
    const { id, account, author, title, photoUrl, license, licenseUrl, licenseWord, category } = record;
    const spdx = licenseWord === undefined ? null : licenseFacts[licenseWord].spdx;
    const words = { account, author, title, photoUrl, license, licenseUrl, spdx, category };
    return { id, ...words, present: there.get(id) ?? [], excluded: record.isExcluded };
  });
}

function rowOf({ id, account, author, spdx, license, present, excluded, photoUrl }: Match): string[] {
  const places = present.length === 0 ? 'not here' : present.join(', ');
  const cell = (text: string) => quotedLine(text, MOST_CELL);
  return [
    formatImageId(id),
    cell(account),
    cell(author),
    cell(spdx ?? license),
    excluded ? `excluded, ${places}` : places,
    quotedLine(photoUrl, 200),
  ];
}
