import { isDefaultMode } from '../../domain/align/align-options.ts';
import type { AlignSpec } from '../../domain/align/align-spec.ts';
import { CropPlanner } from '../../domain/align/plan-crops.ts';
import { alignedPath } from '../../domain/dataset/layout.ts';
import {
  isAbsent,
  ManifestError,
  type ManifestRecord,
  parseManifestRecord,
} from '../../domain/dataset/manifest.ts';
import type { AlignRequest, RunRequest } from '../../domain/run/request.ts';
import type { ManifestSummary, RunContext } from '../../domain/run/run.ts';
import { enterStore } from '../activity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { BundleProgress } from '../heartbeat.ts';
import { storeFor } from '../plan/survey-any.ts';
import { CropWriter, readCropSummary } from './crop-files.ts';
import { manifestInPlace } from './load-manifest.ts';
import { readManifestRecords } from './manifest-records.ts';

/**
 * Where every face lies in its original, for the options of this run: one pass over the manifest, in its order, because
 * the random stream of `--random-shift` runs through all of its records, also when only some are aligned.
 */
export function makePlanCrops(dependencies: ActivityDependencies) {
  return async function planCrops(
    input: RunContext & { readonly manifest: ManifestSummary },
  ): Promise<{ readonly faces: number }> {
    const progress = BundleProgress.begin();
    try {
      const path = await enterStore(dependencies, input);
      const { request, manifest } = input;
      const { crops } = storeFor(path, request, manifest.md5);
      if (request.align === undefined || crops === undefined)
        throw new Error('request: expected how to align, got nothing');
      if (await readCropSummary(crops)) return { faces: manifest.records };
      progress.say('computing every crop');
      const text = await manifestInPlace(path, request);
      progress.setTotals([{ kind: 'json', key: '', url: '', path: text, size: manifest.bytes }]);
      await makeCrops(text, crops, {
        request,
        align: request.align,
        summary: manifest,
        signal: progress.signal,
        onBytes: (bytes) => progress.addNotedBytes(bytes),
      });
      return { faces: manifest.records };
    } finally {
      progress.end();
    }
  };
}

/** Writes the crop files of a manifest to the folder `final`. */
export async function makeCrops(
  manifest: string,
  final: string,
  options: {
    readonly request: RunRequest;
    readonly align: AlignRequest;
    readonly summary: Pick<ManifestSummary, 'records' | 'md5'>;
    readonly signal: AbortSignal;
    readonly onBytes?: (bytes: number) => void;
  },
): Promise<void> {
  const { align, summary, signal, onBytes } = options;
  const planner = new CropPlanner(summary.records, align.options);
  const writer = new CropWriter(final);
  try {
    const records = readManifestRecords(manifest, signal, onBytes);
    for (let position = 0; ; position++) {
      const next = await records.next();
      if (next.done) {
        if (next.value.md5 === summary.md5 && position === summary.records) break;
        throw new ManifestError(
          `manifest [file=${manifest}]: expected MD5 ${summary.md5} and ${summary.records} records, got ${next.value.md5} and ${position}`,
        );
      }
      const { key, value } = next.value;
      const record = parseManifestRecord(key, value);
      await writer.add(specOf(record, value, position, planner, align));
    }
    await writer.finish();
  } finally {
    await writer.discard();
  }
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
