import { sourceFlagsOf } from '../../activities/sources/index.ts';
import { isDefaultMode } from '../../domain/align/align-options.ts';
import { areZipsAsked, isAligned, kinds as kindTable } from '../../domain/kinds.ts';
import { isUrl } from '../../domain/run/manifest-route.ts';
import type { AlignRequest, RunRequest } from '../../domain/run/request.ts';
import { cardsOf, type FolderCard, type OtherCard } from '../../domain/verify/folder-card.ts';
import { PHOTOS_FOLDER } from './align-flags.ts';
import { zipFlagsOf } from './archives/zip-flags.ts';

/**
 * What asks for everything that a folder says that it holds, as words of a shell: of each manifest, of each aligned folder and
 * of kinds of other records a line of its own, because one command asks for one of them. Flags of `run` and `verify`, or
 * the whole `align-photos`.
 */
export function flagLinesOf(card: FolderCard): string[] {
  return cardsOf(card).flatMap((one) => linesOf(one).map((words) => words.map(shellWord).join(' ')));
}

function linesOf(card: OtherCard): string[][] {
  const { manifest } = card.request;
  const { kinds = [], aligned = [], idsOf = {}, zips } = card;
  if (manifest.name === 'photos') {
    const command = ['align-photos', manifest.folder, '--landmarks', manifest.landmarks];
    const ways = aligned.map((align) => [...command, ...alignFlags(align, PHOTOS_FOLDER)]);
    return ways.length === 0 ? [command] : ways;
  }
  const byIds = new Map<string | undefined, string[]>();
  const flagsFor = (ids: string | undefined): string[] => {
    const known = byIds.get(ids) ?? [];
    byIds.set(ids, known);
    return known;
  };
  for (const kind of kinds) {
    const words = areZipsAsked([kind]) ? zipFlagsOf(zips) : [`--${kind}`];
    if (!isAligned(kind)) flagsFor(idsOf[kind]).push(...words);
  }
  const [latest, ...earlier] = kinds.some(isAligned) ? aligned.toReversed() : [];
  const data = dataFlags(card);
  const others = earlier.map((align) => [...alone(align), ...data, ...idsFlags(idsOf.align)]);
  const flagsOfLatest = latest ? alone(latest) : [];
  if (latest || byIds.size === 0) {
    const words = flagsFor(idsOf.align);
    words.push(...flagsOfLatest.filter((word) => !words.includes(word)));
  }
  return [...[...byIds].map(([ids, words]) => [...words, ...data, ...idsFlags(ids)]), ...others];
}

/** Originals go only where a command fetches them, and only the dataset's own pictures tell when. */
function alone(align: AlignRequest): string[] {
  const discardOriginals =
    align.discardOriginals && align.sourceDir === undefined && isDefaultMode(align.options);
  return [
    ...(discardOriginals ? ['--wilds'] : []),
    '--align',
    ...alignFlags({ ...align, discardOriginals }, kindTable.align.folder),
    ...(align.sourceDir === undefined ? [] : flagWords('--source-dir', align.sourceDir)),
  ];
}

function dataFlags({
  md5,
  accept,
  request: { manifest, license, source, allowedHosts },
}: OtherCard): string[] {
  return [
    ...flagWords('--manifest', manifest.name === 'other' ? manifest.location : 'official'),
    ...md5Flags(manifest, md5),
    ...licenseFlags(license),
    ...(accept === undefined ? [] : flagWords('--accept', accept)),
    ...sourceFlagsOf(source).flatMap(([name, value]) => flagWords(name, value)),
    ...allowedHosts.flatMap((host) => flagWords('--allow-host', host)),
  ];
}

/** Only its digest tells whether a text in the folder is the one of a URL. */
function md5Flags(manifest: RunRequest['manifest'], md5: string): string[] {
  if (manifest.name !== 'other') return [];
  const known = manifest.md5 ?? (isUrl(manifest.location) ? md5 : undefined);
  return known === undefined ? [] : flagWords('--manifest-md5', known);
}

function licenseFlags(license: RunRequest['license']): string[] {
  if (license.name === 'official') return [];
  return flagWords('--license-url', license.name === 'url' ? license.url : 'none');
}

function idsFlags(ids: string | undefined): string[] {
  return ids === undefined ? [] : flagWords('--ids', ids);
}

/** @param usual where the pictures lie when no flag says so */
function alignFlags(
  { options, folder, fileIdentical, discardOriginals }: AlignRequest,
  usual: string,
): string[] {
  const { rotateLevel, randomShift, retryCrops, enablePadding } = options;
  return [
    ...(rotateLevel ? [] : ['--no-rotation']),
    ...(enablePadding ? [] : ['--no-padding']),
    ...(randomShift === 0 ? [] : flagWords('--random-shift', decimal(randomShift))),
    ...(retryCrops ? ['--retry-crops'] : []),
    ...(folder === usual ? [] : flagWords('--align-dir', folder)),
    ...(fileIdentical ? ['--file-identical'] : []),
    ...(discardOriginals ? ['--discard-originals'] : []),
  ];
}

/** As the flag takes it: without an exponent. */
function decimal(number: number): string {
  return number.toFixed(9).replace(/\.?0+$/, '');
}

/** A value that begins like a flag is one word with its own. */
export function flagWords(name: string, value: string): string[] {
  return value.startsWith('-') ? [`${name}=${value}`] : [name, value];
}

/** Nothing in it means anything to a shell. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
