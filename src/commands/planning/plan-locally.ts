import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { excludedIds } from '../../activities/excluded/excluded-ids.ts';
import { readLedger } from '../../activities/exclusion/ledger-file.ts';
import { readCropSummary } from '../../activities/manifest/crop-files.ts';
import { cropsRoot } from '../../activities/manifest/manifest-folders.ts';
import { readSummary, type SliceSummary } from '../../activities/manifest/manifest-slices.ts';
import { expectedMd5, followed } from '../../activities/manifest/manifest-text.ts';
import { makeCrops } from '../../activities/manifest/plan-crops.ts';
import { checkSummary, sliceManifest } from '../../activities/manifest/slice-manifest.ts';
import { surveyRun } from '../../activities/plan/plan-run.ts';
import type { SurveyedStore } from '../../activities/plan/shard-survey.ts';
import { isManifestLost, makeManifestCaches } from '../../activities/records/line-cache.ts';
import { VerifiedLog } from '../../activities/records/verified-records.ts';
import { selectFrom } from '../../activities/selection/select-from.ts';
import { chosenBy, isOf, readSelection, selectionPath } from '../../activities/selection/selection-notes.ts';
import { plannedSources } from '../../activities/sources/index.ts';
import { lstatIfThere, md5OfFile } from '../../activities/store/file-info.ts';
import { freeInodes } from '../../activities/store/free-space.ts';
import { VerifyThreads } from '../../activities/verify/verify-threads.ts';
import { MANIFEST_FILE, statePaths } from '../../domain/dataset/layout.ts';
import { without } from '../../domain/exclusion/excluder.ts';
import { type FileKind, kinds } from '../../domain/kinds.ts';
import { figuresOf, MeasuredRate } from '../../domain/planning/figures.ts';
import type { LocalPlan } from '../../domain/planning/plan-text.ts';
import { isUrl } from '../../domain/run/manifest-route.ts';
import type { Selected } from '../../domain/selection/select.ts';
import { digestOfSelected } from '../../domain/selection/selection-file.ts';
import type { LocalPlanning } from '../context/services.ts';

interface Sliced {
  readonly summary: SliceSummary;
  /** Holds `<md5>/`. */
  readonly root: string;
}

/**
 * The worker's own planner, in the client: for `--dry-run`. Writes nothing under OUT; slices that are not there yet, or
 * damaged, are made in a temporary folder. Undefined when no manifest is at hand.
 */
export async function planLocally({
  out,
  request,
  reserveBytes,
  seal,
  signal,
  ask,
  rate,
}: LocalPlanning): Promise<LocalPlan | undefined> {
  const expected = expectedMd5(request);
  const ledger = await readLedger(out, seal);
  const slices = join(out, statePaths.manifests);
  const temporary = await mkdtemp(join(tmpdir(), 'ffhq-plan-'));
  const looks = new VerifyThreads(1);
  try {
    return (await unlessLost(() => planWith(findSummary))) ?? (await planWith(sliceAnew));
  } finally {
    await looks.close();
    await rm(temporary, { recursive: true, force: true });
  }

  /** Undefined as well where what the folder keeps of the manifest is damaged. */
  async function unlessLost<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (isManifestLost(error)) return undefined;
      throw error;
    }
  }

  async function planWith(find: () => Promise<Sliced | undefined>): Promise<LocalPlan | undefined> {
    const found = await find();
    if (found === undefined) return undefined;
    checkSummary(found.summary, request);
    const { md5 } = found.summary;
    const selected = await selectedOf(found);
    const measured = new MeasuredRate();
    const { plan, freeBytes, neededBytes, unreadBytes, copies } = await surveyRun(
      {
        ...{ path: out, slices: found.root, crops: await cropsFor(found), caches: makeManifestCaches(seal) },
        ...{ verified: measuring(new VerifiedLog('', seal), measured), looks, signal },
      },
      without(selected === undefined ? request : chosenBy(request, selected), await excludedOf(found)),
      md5,
      '',
    );
    const planned = Object.entries(plan.kinds).map(([kind, { files, bytes, doneFiles, doneBytes }]) => ({
      kind: kind as FileKind,
      ...{ files, bytes, thereFiles: doneFiles, thereBytes: doneBytes },
    }));
    const figures = figuresOf({
      kinds: planned,
      sources: plannedSources(request.source),
      ...{ largeFiles: plan.largeFiles, copies },
      shards: countBy(plan.shards, ({ kind }) => kind),
      freeInodes: await freeInodes(out),
      rate: rateOf(rate, measured.bytesPerSecond),
    });
    const space = { freeBytes, reserveBytes, neededBytes, unreadBytes };
    return {
      kinds: planned,
      ...space,
      figures,
      ...selectionOf(selected),
      manifestMd5: md5,
      knownTotalsOnly: false,
    };
  }

  /** From what the folder has noted of it already, or by a pass over the manifest. */
  async function selectedOf({
    summary,
  }: Sliced): Promise<(Selected & { readonly digest: string }) | undefined> {
    const { selection } = request;
    if (selection === undefined || ask === undefined) return undefined;
    const known = await readSelection(selectionPath(out, selection), seal);
    if (known !== undefined && isOf(known, selection, summary.md5)) return known;
    const selected = await selectFrom(await followed(textPath(), request), ask, {
      md5: summary.md5,
      signal,
      ledger,
      excluded: await excludedOf({ summary }),
    });
    return { ...selected, digest: digestOfSelected(selected) };
  }

  /** What the folder lets go; looked up, and not noted. */
  function excludedOf({ summary }: Pick<Sliced, 'summary'>) {
    const scope = { storePath: out, heartbeat: { signal }, dependencies: makeManifestCaches(seal) };
    return excludedIds(scope, request, summary.md5, { notes: false });
  }

  function selectionOf(selected: (Selected & { readonly digest: string }) | undefined) {
    if (selected === undefined || request.selection === undefined) return {};
    const { records, of, digest } = selected;
    return { selection: { words: request.selection.words, records, of, digest } };
  }

  async function cropsFor({ summary, root }: Sliced): Promise<string | undefined> {
    const { align } = request;
    if (align === undefined) return undefined;
    const crops = cropsRoot(out, summary.md5, align);
    if (root === slices && (await readCropSummary(crops, seal))) return crops;
    const own = join(temporary, 'crops');
    await makeCrops(await followed(textPath(), request), own, { align, summary, ledger, seal, signal });
    return own;
  }

  /** Where the manifest's text lies. */
  function textPath(): string {
    const { manifest } = request;
    return manifest.name === 'other' && !isUrl(manifest.location)
      ? manifest.location
      : join(out, MANIFEST_FILE);
  }

  async function findSummary(): Promise<Sliced | undefined> {
    const known = expected && (await readSummary(slices, expected, seal));
    if (known) return { summary: known, root: slices };
    const path = textPath();
    if (!(await lstatIfThere(path))) return undefined;
    const text = await followed(path, request);
    // A manifest by URL without a checksum may have changed since; what lies there is the best guess.
    const md5 = expected ?? (await publishedOf(text));
    const summary = await readSummary(slices, md5, seal);
    return summary && { summary, root: slices };
  }

  async function sliceAnew(): Promise<Sliced | undefined> {
    const path = textPath();
    if (!(await lstatIfThere(path))) return undefined;
    const text = await followed(path, request);
    // What lies in the folder is another dataset's: the run would replace it, and it says nothing of this one.
    if (path === join(out, MANIFEST_FILE) && expected !== undefined) {
      if ((await publishedOf(text)) !== expected) return undefined;
    }
    const md5 = expected ?? (await publishedOf(text));
    return {
      summary: await sliceManifest(text, temporary, md5, seal, signal, () => {}, ledger),
      root: temporary,
    };
  }

  /** Of the manifest that a text counts as. */
  async function publishedOf(text: string) {
    return ledger.publishedOf(await md5OfFile(text, signal, () => {}));
  }
}

/** Hears of every file that a run stored here. */
function measuring(log: VerifiedLog, measured: MeasuredRate): SurveyedStore['verified'] {
  return {
    read: async (path, kind, group) => {
      const verified = await log.read(path, kind, group);
      if (kinds[kind].obtained !== 'fetched') return verified;
      for (const records of verified.values())
        for (const record of records) if (record.how === 'stored') measured.add(record);
      return verified;
    },
  };
}

function rateOf(given: number | undefined, measured: number | undefined) {
  if (given !== undefined) return { bytesPerSecond: given, isMeasured: false };
  return measured === undefined ? undefined : { bytesPerSecond: measured, isMeasured: true };
}

function countBy<Item, Key extends string>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): Readonly<Partial<Record<Key, number>>> {
  const counts: Partial<Record<Key, number>> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
