import { isAllowedUrl } from '../../domain/dataset/allowed-hosts.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { ManifestError, parseManifestRecord } from '../../domain/dataset/manifest.ts';
import { Ledger } from '../../domain/exclusion/ledger.ts';
import { imageKinds, isNeededBy } from '../../domain/kinds.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { Seal } from '../records/seal.ts';
import { asksFileUrls } from '../sources/index.ts';
import { eachManifestRecord } from './manifest-records.ts';
import { type SliceSummary, SliceWriter } from './manifest-slices.ts';

/**
 * Parses and checks a whole manifest into per-shard slices below `root`; leaves nothing behind when it is damaged. What was
 * let go has no line in them, whether the text is the published one or that of the folder.
 */
export async function sliceManifest(
  path: string,
  root: string,
  expected: Md5 | undefined,
  seal: Seal,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
  ledger = new Ledger([]),
): Promise<SliceSummary> {
  const removed = expected === undefined ? new Set() : ledger.removedOf(expected);
  const writer = new SliceWriter(root, seal);
  try {
    const read = await eachManifestRecord(path, signal, onBytes, (key, value) => {
      const record = parseManifestRecord(key, value);
      return writer.add(removed.has(record.id) ? { ...record, removed: true } : record);
    });
    const md5 = ledger.publishedOf(read.md5);
    if (expected !== undefined && md5 !== expected) {
      throw new ManifestError(`manifest [file=${path}]: expected MD5 ${expected}, got ${read.md5}`);
    }
    if (writer.records === 0) throw new ManifestError(`manifest [file=${path}]: expected records, got none`);
    return await writer.finish(md5, read.bytes);
  } finally {
    await writer.discard();
  }
}

/** What a run demands of a manifest beyond its form: its kinds are there whole, its hosts may be contacted. */
export function checkSummary(summary: Pick<SliceSummary, 'kinds' | 'hosts'>, request: RunRequest): void {
  for (const kind of imageKinds) {
    // Aligning needs to know its originals, wherever they come from.
    const isWanted = request.kinds.includes(kind) || isNeededBy(kind, request.kinds);
    const absent = isWanted ? summary.kinds[kind].absent : undefined;
    if (absent !== undefined)
      throw new ManifestError(`manifest [kind=${kind}, ${absent}`.replace(/: expected/, ']: expected'));
  }
  if (!asksFileUrls(request.source)) return;
  for (const [origin, place] of Object.entries(summary.hosts)) {
    if (!isAllowedUrl(new URL(origin), request.allowedHosts)) {
      throw new ManifestError(
        `manifest [${place}]: expected a URL on an allowed host, got ${origin}; permit it with --allow-host if you trust it`,
      );
    }
  }
}
