import { chainOf, definitionOf, sourcesIn } from '../../activities/sources/index.ts';
import { patienceOf } from '../../domain/chain/patience.ts';
import type { ZipsRequest } from '../../domain/dataset/asked-files.ts';
import { parseMd5 } from '../../domain/dataset/ids.ts';
import { imageKinds, isAligned, type TaskKind } from '../../domain/kinds.ts';
import type { SourceRequest } from '../../domain/run/request.ts';
import type { ServedSample } from '../context/services.ts';
import type { RunOptions } from '../flags/run-flags.ts';
import { sourceOfSample } from '../flags/source-flags.ts';

/** A run of the sample: all of its pictures, by Drive's URLs, or as members of archives there; only its worker knows where those really lead. */
export function sampleOptions(given: RunOptions, sample: ServedSample): RunOptions {
  const md5 = parseMd5(sample.manifestMd5);
  return {
    ...given,
    kinds: kindsOfSample(given),
    zips: sample.zips && zipsOfSample(sample.zips, given.zips),
    manifest: { name: 'other', location: sample.manifestUrl, ...(md5 === undefined ? {} : { md5 }) },
    license: sample.licenseUrl === undefined ? { name: 'none' } : { name: 'url', url: sample.licenseUrl },
    source: servedSource(given.source, sample),
    allowedHosts: [...given.allowedHosts, ...(sample.served?.allowedHosts ?? [])].sort(),
    says: { manifest: true, license: true, source: true },
  };
}

/** Each source that was asked for, as it is served here. */
function servedSource(source: SourceRequest, { served, urlOf }: ServedSample): SourceRequest {
  const all = sourcesIn(source).map(
    (one) => served?.sources.find(({ name }) => name === one.name) ?? sourceOfSample(one, urlOf),
  );
  const [only = source, ...others] = all;
  return others.length === 0 ? only : chainOf(all, patienceOf(source));
}

/** Those that were named, as the sample has them. */
function zipsOfSample(served: ZipsRequest, named: ZipsRequest = served): ZipsRequest {
  return Object.fromEntries(Object.entries(served).filter(([key]) => Object.hasOwn(named, key)));
}

/** What the sample has to fetch. */
const servedKinds: readonly TaskKind[] = [...imageKinds, 'zips'];

/** Aligning alone would find no originals in a fresh folder. */
function kindsOfSample({ kinds: given, source }: Pick<RunOptions, 'kinds' | 'source'>): TaskKind[] {
  const fetched = servedKinds.filter((kind) => given.includes(kind));
  const made = given.filter(isAligned);
  // What has the pictures in another encoding alone has no thumbnails and originals.
  const usual = definitionOf(source).hasPixelsAlone?.(source) === true ? ['images' as const] : imageKinds;
  return [...(fetched.length > 0 ? fetched : usual), ...made];
}
