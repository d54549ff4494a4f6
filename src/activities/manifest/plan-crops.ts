import { dirname } from 'node:path';
import { isDefaultMode } from '../../domain/align/align-options.ts';
import type { AlignSpec } from '../../domain/align/align-spec.ts';
import { CropPlanner } from '../../domain/align/crop-planner.ts';
import { alignedPath } from '../../domain/dataset/layout.ts';
import {
  isAbsent,
  ManifestError,
  type ManifestRecord,
  parseManifestRecord,
} from '../../domain/dataset/manifest.ts';
import { Ledger } from '../../domain/exclusion/ledger.ts';
import { tombstoneOf } from '../../domain/exclusion/tombstone.ts';
import type { AgainInput, ManifestInput } from '../../domain/run/activity-inputs.ts';
import type { AlignRequest } from '../../domain/run/request.ts';
import type { ManifestSummary } from '../../domain/run/workflow-inputs.ts';
import type { ActivityScope } from '../activity.ts';
import { readLedger } from '../exclusion/ledger-file.ts';
import { areWhole } from '../records/line-cache.ts';
import type { Seal } from '../records/seal.ts';
import { CropWriter, checkCrops, readCropSummary } from './crop-files.ts';
import { cropsRoot } from './manifest-folders.ts';
import { eachManifestRecord } from './manifest-records.ts';
import { findText } from './manifest-text.ts';
import { removeAbandoned } from './new-folder.ts';

/**
 * Where every face lies in its original, for the options of this run: one pass over the manifest, in its order, because
 * the random stream of `--random-shift` runs through all of its records, also when only some are aligned.
 */
export async function planCrops(
  scope: ActivityScope,
  { request, manifest, again }: ManifestInput & AgainInput,
): Promise<{ readonly faces: number }> {
  const { storePath, heartbeat, dependencies } = scope;
  const { seal } = dependencies;
  const { align } = request;
  if (align === undefined) throw new Error('request: expected how to align, got nothing');
  const crops = cropsRoot(storePath, manifest.md5, align);
  const known = await readCropSummary(crops, seal);
  if (known && (again === undefined || (await areWhole(checkCrops(crops, known)))))
    return { faces: manifest.records };
  heartbeat.say('computing every crop');
  heartbeat.setTotals([{ size: manifest.bytes }]);
  await removeAbandoned(dirname(crops));
  await makeCrops(await findText(scope, request, manifest.md5), crops, {
    ledger: await readLedger(storePath, seal),
    align,
    summary: manifest,
    seal,
    signal: heartbeat.signal,
    onBytes: (bytes) => heartbeat.addNotedBytes(bytes),
  });
  return { faces: manifest.records };
}

/** Writes the crop files of a manifest to the folder `final`. */
export async function makeCrops(
  manifest: string,
  final: string,
  options: {
    readonly align: AlignRequest;
    readonly summary: Pick<ManifestSummary, 'records' | 'md5'>;
    /** What was let go. @default nothing */
    readonly ledger?: Ledger;
    readonly seal: Seal;
    readonly signal: AbortSignal;
    readonly onBytes?: (bytes: number) => void;
  },
): Promise<void> {
  const { align, summary, ledger = new Ledger([]), seal, signal, onBytes } = options;
  const removed = ledger.removedOf(summary.md5);
  const planner = new CropPlanner(summary.records, align.options);
  const writer = new CropWriter(final, seal);
  try {
    let position = 0;
    const read = await eachManifestRecord(manifest, signal, onBytes, async (key, value) => {
      const record = parseManifestRecord(key, value);
      const isGone = record.removed === true || removed.has(record.id);
      if (isGone) pass(planner, value);
      else await writer.add(specOf(record, value, position, planner, align));
      position++;
    });
    if (ledger.publishedOf(read.md5) !== summary.md5 || position !== summary.records) {
      throw new ManifestError(
        `manifest [file=${manifest}]: expected MD5 ${summary.md5} and ${summary.records} records, got ${read.md5} and ${position}`,
      );
    }
    await writer.finish();
  } finally {
    await writer.discard();
  }
}

/** A record that was let go draws its numbers, and leaves no line. */
function pass(planner: CropPlanner, value: unknown): void {
  const { frames, width, height } = tombstoneOf(value);
  planner.pass(frames, { width, height });
}

function specOf(
  record: ManifestRecord,
  value: unknown,
  position: number,
  planner: CropPlanner,
  align: AlignRequest,
): AlignSpec {
  const { wilds, images } = record.specs;
  if (isAbsent(wilds))
    throw new ManifestError(`manifest [${wilds.absent}`.replace(/: expected/, ']: expected'));
  const crop = planner.plan({
    landmarks: landmarksOf(value),
    width: wilds.pixels.width,
    height: wilds.pixels.height,
  });
  const { path, size, md5 } = wilds;
  return {
    id: record.id,
    output: alignedPath('', position).slice(1),
    original: { path, size, md5 },
    crop,
    // Other options make other pictures: nobody published those.
    ...(isDefaultMode(align.options) && !isAbsent(images)
      ? { expected: { pixelMd5: images.pixels.md5, md5: images.md5, size: images.size } }
      : {}),
  };
}

/** Of the original; the parser of records has checked their form, where they are there. */
function landmarksOf(value: unknown): unknown {
  return (value as { readonly in_the_wild?: { readonly face_landmarks?: unknown } }).in_the_wild
    ?.face_landmarks;
}
