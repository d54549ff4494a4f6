import { kinds as kindTable } from '../kinds.ts';
import type { AlignRequest } from '../run/request.ts';
import type { FolderCard } from '../verify/folder-card.ts';

/** The flags by which a command asks for what a folder says that it holds, as words of a shell. */
export function flagsOfCard({ request, kinds = [], aligned = [] }: FolderCard): string[] {
  const { manifest, license, source, allowedHosts } = request;
  const align = aligned.at(-1);
  const words = [
    ...kinds.filter((kind) => kindTable[kind].obtained !== 'aligned' || align).map((kind) => `--${kind}`),
    ...(manifest.name === 'other' ? ['--manifest', manifest.location] : ['--manifest', 'official']),
    ...(manifest.name === 'other' && manifest.md5 ? ['--manifest-md5', manifest.md5] : []),
    ...(license.name === 'official' ? [] : ['--license-url', license.name === 'url' ? license.url : 'none']),
    ...['--source', source.name],
    ...allowedHosts.flatMap((host) => ['--allow-host', host]),
    ...(align ? alignFlags(align) : []),
  ];
  return words.map(shellWord);
}

function alignFlags({ options, folder, fileIdentical, discardOriginals }: AlignRequest): string[] {
  const { rotateLevel, randomShift, retryCrops, enablePadding } = options;
  return [
    ...(rotateLevel ? [] : ['--no-rotation']),
    ...(enablePadding ? [] : ['--no-padding']),
    ...(randomShift === 0 ? [] : ['--random-shift', String(randomShift)]),
    ...(retryCrops ? ['--retry-crops'] : []),
    ...(folder === kindTable.align.folder ? [] : ['--align-dir', folder]),
    ...(fileIdentical ? ['--file-identical'] : []),
    ...(discardOriginals ? ['--discard-originals'] : []),
  ];
}

/** Nothing in it means anything to a shell. */
function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
