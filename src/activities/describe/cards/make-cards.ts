import type { BagFile } from '../../../domain/cards/bag.ts';
import type { CardFacts, FileFacts } from '../../../domain/cards/card-facts.ts';
import { citationOf } from '../../../domain/cards/citation.ts';
import { croissantOf } from '../../../domain/cards/croissant.ts';
import { datasetCard } from '../../../domain/cards/dataset-card.ts';
import { roCrateOf } from '../../../domain/cards/ro-crate.ts';
import { CARD_BESIDE, type CardFormat, cardFiles, sumLine } from '../../../domain/cards/sum-lines.ts';
import { MANIFEST_FILE } from '../../../domain/dataset/layout.ts';
import { officialManifest } from '../../../domain/dataset/reference-files.ts';
import { isLargeFileKind } from '../../../domain/kinds.ts';
import { BagFolder, type MadeBag } from './bag-folder.ts';
import type { CardsRequest, CardTools } from './cards-request.ts';
import { FolderTally } from './folder-tally.ts';
import type { KnownFile } from './known-files.ts';
import type { MadeFile, MadeFolder } from './made-folder.ts';
import { ManifestUrls } from './manifest-urls.ts';
import { largeFilesOf, licenseTexts, type PresentRecord, picturesOf } from './wanted-files.ts';

/** Records whose files are looked at together. */
const BATCH = 256;

export interface MadeCards {
  readonly facts: CardFacts;
  readonly files: readonly (MadeFile & { readonly format: CardFormat })[];
  readonly bag: MadeBag | undefined;
  /** Files that lie there, and of these: known to be right; not known; known to be wrong by now. */
  readonly there: number;
  readonly verified: number;
  readonly unverified: number;
  readonly damaged: number;
  /** A few of the damaged ones. */
  readonly damagedPaths: readonly string[];
  /** SHA-256s could not be noted. */
  readonly isForgotten: boolean;
}

/** Says what lies in a dataset folder, in the files that stewards know, each of which takes its place as a whole. */
export async function makeCards(
  request: CardsRequest,
  records: AsyncIterable<PresentRecord>,
  into: MadeFolder,
  tools: CardTools,
): Promise<MadeCards> {
  const wants = (format: CardFormat) => request.formats.includes(format);
  const cardName = (await into.isFree(cardFiles.card)) ? cardFiles.card : CARD_BESIDE;
  const names = { ...cardFiles, card: cardName };
  for (const format of request.formats)
    await (format === 'bagit' ? into.checkNothing(names.bagit) : into.checkFree(names[format]));

  const tally = new FolderTally(request, tools);
  const manifest = await tally.manifest();
  const md5 = wants('md5') ? await into.begin(names.md5) : undefined;
  const sha256 = wants('sha256') ? await into.begin(names.sha256) : undefined;
  const isHoley = !request.bagPayload;
  const bag = wants('bagit')
    ? await BagFolder.begin(into, names.bagit, {
        ...{ out: request.out, isHoley, withSha256: wants('sha256') && !isHoley },
      })
    : undefined;
  const urls = bag !== undefined && isHoley ? new ManifestUrls(request.out, tools.signal) : undefined;
  try {
    const add = async (all: readonly KnownFile[]) => {
      for (const { kind, path, record, sha256: hash, seen } of await tally.add(all, sha256 !== undefined)) {
        await md5?.write(sumLine(record.md5, path));
        if (hash !== undefined) await sha256?.write(sumLine(hash, path));
        const file: BagFile = { path, bytes: seen.size, md5: record.md5, sha256: hash };
        if (!isHoley && !isLargeFileKind(kind)) await bag?.add(file);
      }
    };
    const first: BagFile = { ...manifest, path: MANIFEST_FILE, url: manifestUrl(request, manifest.md5) };
    await md5?.write(sumLine(manifest.md5, MANIFEST_FILE));
    await sha256?.write(sumLine(manifest.sha256, MANIFEST_FILE));
    if (!isHoley || first.url !== undefined) await bag?.add(first);
    await add(await tally.known.of(licenseTexts(tally.aligned)));
    if (request.isWhole) await add(await tally.known.of(largeFilesOf(request.card?.zips)));
    let batch: PresentRecord[] = [];
    const settle = async () => {
      const wanted = batch.flatMap((record) =>
        picturesOf(record, { kinds: request.kinds, aligned: tally.aligned }),
      );
      await add(await tally.known.of(wanted));
      if (urls !== undefined)
        for (const record of batch)
          for (const file of await urls.filesOf(record, request.fetchedKinds)) await bag?.add(file);
      batch = [];
    };
    for await (const record of records) {
      tally.count(record);
      batch.push(record);
      if (batch.length === BATCH) await settle();
    }
    await settle();

    const made: (MadeFile & { readonly format: CardFormat })[] = [];
    if (md5 !== undefined) made.push({ format: 'md5', ...(await md5.finish()) });
    if (sha256 !== undefined) made.push({ format: 'sha256', ...(await sha256.finish()) });
    const facts = tally.facts(made.map(listFacts));
    const texts: Readonly<Partial<Record<CardFormat, () => string>>> = {
      croissant: () => jsonOf(croissantOf(facts)),
      'ro-crate': () => jsonOf(roCrateOf(facts)),
      card: () => datasetCard(facts),
      citation: () => citationOf(facts),
    };
    for (const format of request.formats) {
      const text = texts[format];
      if (text !== undefined)
        made.push({ format, ...(await into.make(names[format], (write) => write(text()))) });
    }
    const madeBag = await bag?.finish(facts);
    return { facts, files: made, bag: madeBag, ...tally.sums() };
  } finally {
    await md5?.discard();
    await sha256?.discard();
    await bag?.discard();
    await urls?.close();
  }
}

/** Where the manifest itself is to be had. */
function manifestUrl({ card }: CardsRequest, md5: string): string | undefined {
  if (md5 === officialManifest.md5) return officialManifest.url;
  const manifest = card?.md5 === md5 ? card.request.manifest : undefined;
  return manifest?.name === 'other' && /^https?:/i.test(manifest.location) ? manifest.location : undefined;
}

function jsonOf(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function listFacts({ format, name, bytes, sha256 }: MadeFile & { readonly format: CardFormat }): FileFacts {
  const digest = format === 'md5' ? 'MD5' : 'SHA-256';
  return {
    path: name,
    what: `${digest} of every verified file that is described here`,
    encoding: 'text/plain',
    bytes,
    sha256,
  };
}
