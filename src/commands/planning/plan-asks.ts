import { definitionOf, sourceFlagsOf } from '../../activities/sources/index.ts';
import { allowedHostOf } from '../../domain/dataset/allowed-hosts.ts';
import { kinds } from '../../domain/kinds.ts';
import { isUrl } from '../../domain/run/manifest-route.ts';
import { canonicalJson, type RunRequest } from '../../domain/run/request.ts';
import { flagWords, shellWord } from '../flags/card-flags.ts';

/** What of a plan only its user may name: whom it has asked, what it reads, and what goes. */
export interface PlanAsk {
  /** The flags that ask for it, as words of a shell. */
  readonly flags: string;
  /** Does the command line ask for the same? */
  readonly isSaid: boolean;
}

/**
 * @param planned that flags could ask for
 * @param usual source, which needs no word
 * @param said by the command line, with what it says of aligning whether it is asked for or not
 */
export function asksOf(
  planned: RunRequest,
  usual: RunRequest['source'],
  said: Pick<RunRequest, 'manifest' | 'license' | 'source' | 'allowedHosts' | 'accept' | 'align'>,
): readonly PlanAsk[] {
  const { manifest, license, source, allowedHosts, accept, align } = planned;
  const asks: PlanAsk[] = [];
  const ask = (isSaid: boolean, ...flags: readonly (readonly string[])[]) =>
    void asks.push({ flags: flags.flat().map(shellWord).join(' '), isSaid });
  const named = [...definitionOf(source).namedUrls(source)];
  if (manifest.name === 'other') {
    const { location } = manifest;
    if (isUrl(location)) named.push(new URL(location));
    const isSaid = said.manifest.name === 'other' && said.manifest.location === location;
    ask(isSaid, flagWords('--manifest', location));
  }
  if (license.name === 'url') {
    named.push(new URL(license.url));
    ask(isSame(said.license, license), flagWords('--license-url', license.url));
  }
  if (!isSame(source, usual)) {
    ask(isSame(said.source, source), ...sourceFlagsOf(source).map(([flag, value]) => flagWords(flag, value)));
    if (accept !== undefined && definitionOf(source).hasPixelsAlone?.(source) === true)
      ask(said.accept === accept, flagWords('--accept', accept));
  }
  const implied = named.map(allowedHostOf);
  for (const host of allowedHosts)
    if (!implied.includes(host)) ask(said.allowedHosts.includes(host), flagWords('--allow-host', host));
  if (align === undefined) return asks;
  const { folder, sourceDir, discardOriginals } = align;
  if (folder !== kinds.align.folder) ask(said.align?.folder === folder, flagWords('--align-dir', folder));
  if (sourceDir !== undefined) ask(said.align?.sourceDir === sourceDir, flagWords('--source-dir', sourceDir));
  if (discardOriginals)
    ask(said.align?.discardOriginals === true, ['--wilds', '--align', '--discard-originals']);
  return asks;
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}
