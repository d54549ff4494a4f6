import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCropSummary } from '../../activities/manifest/crop-files.ts';
import { cropsRoot } from '../../activities/manifest/manifest-folders.ts';
import { readSummary, type SliceSummary } from '../../activities/manifest/manifest-slices.ts';
import { expectedMd5 } from '../../activities/manifest/manifest-text.ts';
import { makeCrops } from '../../activities/manifest/plan-crops.ts';
import { checkSummary, sliceManifest } from '../../activities/manifest/slice-manifest.ts';
import { surveyRun } from '../../activities/plan/plan-run.ts';
import { makeManifestCaches } from '../../activities/records/line-cache.ts';
import { VerifiedLog } from '../../activities/records/verified-records.ts';
import { lstatIfThere, md5OfFile } from '../../activities/store/file-info.ts';
import { MANIFEST_FILE, statePaths } from '../../domain/dataset/layout.ts';
import type { FileKind } from '../../domain/kinds.ts';
import { isUrl } from '../../domain/run/manifest-route.ts';
import type { LocalPlan } from '../../domain/words/plan-text.ts';
import type { LocalPlanning } from '../context/services.ts';

/**
 * The worker's own planner, in the client: for `--dry-run`. Writes nothing under OUT; slices that are not there yet are
 * made in a temporary folder. Undefined when no manifest is at hand.
 */
export async function planLocally({
  out,
  request,
  reserveBytes,
  signal,
}: LocalPlanning): Promise<LocalPlan | undefined> {
  const expected = expectedMd5(request);
  const slices = join(out, statePaths.manifests);
  const temporary = await mkdtemp(join(tmpdir(), 'ffhq-plan-'));
  try {
    const found = await findSummary();
    if (found === undefined) return undefined;
    checkSummary(found.summary, request);
    const { plan, freeBytes } = await surveyRun(
      {
        path: out,
        slices: found.root,
        crops: await cropsFor(found.summary),
        caches: makeManifestCaches(),
        verified: new VerifiedLog(''),
      },
      request,
      found.summary.md5,
      '',
      () => signal.throwIfAborted(),
    );
    const kinds = Object.entries(plan.kinds).map(([kind, { files, bytes, doneFiles, doneBytes }]) => ({
      kind: kind as FileKind,
      ...{ files, bytes, thereFiles: doneFiles, thereBytes: doneBytes },
    }));
    return { kinds, freeBytes, reserveBytes, knownTotalsOnly: false };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }

  async function cropsFor(summary: SliceSummary): Promise<string | undefined> {
    const { align } = request;
    if (align === undefined) return undefined;
    const crops = cropsRoot(out, summary.md5, align);
    if (await readCropSummary(crops)) return crops;
    const own = join(temporary, 'crops');
    await makeCrops(textPath(), own, { align, summary, signal });
    return own;
  }

  /** Where the manifest's text lies. */
  function textPath(): string {
    const { manifest } = request;
    return manifest.name === 'other' && !isUrl(manifest.location)
      ? manifest.location
      : join(out, MANIFEST_FILE);
  }

  async function findSummary(): Promise<
    { readonly summary: SliceSummary; readonly root: string } | undefined
  > {
    const known = expected && (await readSummary(slices, expected));
    if (known) return { summary: known, root: slices };
    const path = textPath();
    if (!(await lstatIfThere(path))) return undefined;
    // A manifest by URL without a checksum may have changed since; what lies there is the best guess.
    const md5 = expected ?? (await md5OfFile(path, signal, () => {}));
    const sliced = await readSummary(slices, md5);
    // What lies in the folder is another dataset's: the run would replace it, and it says nothing of this one.
    if (path === join(out, MANIFEST_FILE) && expected !== undefined && !sliced) {
      if ((await md5OfFile(path, signal, () => {})) !== expected) return undefined;
    }
    if (sliced) return { summary: sliced, root: slices };
    return { summary: await sliceManifest(path, temporary, expected, signal, () => {}), root: temporary };
  }
}
