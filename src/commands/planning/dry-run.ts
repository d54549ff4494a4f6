import { writeFile } from 'node:fs/promises';
import { Seal } from '../../activities/records/seal.ts';
import { plannedSources, sourcesIn } from '../../activities/sources/index.ts';
import { freeBytes, freeInodes } from '../../activities/store/free-space.ts';
import { askedFiles } from '../../domain/dataset/asked-files.ts';
import { officialManifest } from '../../domain/dataset/reference-files.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import type { ExitCode } from '../../domain/failure/exit-code.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { areZipsAsked, isLargeFileKind } from '../../domain/kinds.ts';
import { figuresOf } from '../../domain/planning/figures.ts';
import { knownSelection } from '../../domain/planning/known-selection.ts';
import { PLAN_MARK, planFileText } from '../../domain/planning/plan-file.ts';
import type { LocalPlan } from '../../domain/planning/plan-text.ts';
import { planFromKnownTotals, planLines } from '../../domain/planning/plan-text.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { keyToLookBy, readSigningKey } from '../../signing/signing-key.ts';
import type { Display } from '../../terminal/display.ts';
import type { CommandContext } from '../context/context.ts';
import type { RunOptions } from '../flags/run-flags.ts';
import { makeRunRequest } from '../flags/run-flags.ts';
import type { Planning } from '../flags/selection/planning-flags.ts';
import { sampleOptions } from './sample-options.ts';

/** Prints the plan and starts nothing; saves it where that is asked for. */
export async function printDryRun(
  context: CommandContext,
  given: RunOptions,
  reserveBytes: number,
  display: Display,
  { rate, saveAs }: Planning,
): Promise<ExitCode> {
  const { services, config, interrupt } = context;
  const served = given.sample
    ? await services.serveSample({
        cacheDir: config.cacheDir,
        quota: false,
        sources: sourcesIn(given.source),
        otherEncoding: given.accept === 'pixels',
        zips: areZipsAsked(given.kinds),
        onProgress: () => {},
      })
    : undefined;
  try {
    const options = served === undefined ? given : sampleOptions(given, served);
    const { out, selection: ask } = options;
    const request = makeRunRequest(options);
    const seal = new Seal(await keyToLookBy(config.keyFile));
    const plan =
      (await services.planLocally({ out, request, reserveBytes, seal, signal: interrupt, ask, rate })) ??
      (await knownPlan(options, request, reserveBytes, rate));
    const enough = plan.freeBytes - plan.neededBytes >= plan.reserveBytes;
    if (saveAs !== undefined) {
      const sealed = new Seal(await readSigningKey(config.keyFile));
      await savePlan(saveAs, plan, options, request, (digest) => sealed.mark(PLAN_MARK, digest));
    }
    display.say({ event: 'plan', ...plan, enough }, planLines(plan));
    if (saveAs !== undefined) {
      const text = `plan saved: ${saveAs}`;
      display.say({ event: 'note', text }, text);
    }
    return enough ? exitCodes.complete : exitCodes.refusedInput;
  } finally {
    await served?.close();
  }
}

async function savePlan(
  path: string,
  { manifestMd5, kinds, neededBytes, figures, selection }: LocalPlan,
  { selection: ask, json }: RunOptions,
  request: RunRequest,
  markOf: (digest: string) => string,
): Promise<void> {
  if (manifestMd5 === undefined || figures === undefined) {
    throw refused(
      'flag [--plan]: expected the manifest at hand, so that the plan holds for it, got none; fetch it first: the same ' +
        'command with --json in place of the other tasks',
    );
  }
  if (request.kinds.length === 0 && !json)
    throw refused('flag [--plan]: expected something to get, got nothing');
  const { records, of, digest } = selection ?? {};
  const selected =
    records === undefined || of === undefined || digest === undefined
      ? {}
      : { selected: { records, of, digest } };
  const text = planFileText(
    {
      request: pinned(request, manifestMd5),
      ...(ask === undefined ? {} : { ask }),
      ...{ manifestMd5, kinds, neededBytes, ...selected },
      figures,
    },
    markOf,
  );
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refused(
      `flag [--plan]: expected a file that can be made and is not there yet, got ${path} (${code})`,
    );
  }
}

/** It runs with this very manifest, or not at all. */
function pinned(request: RunRequest, md5: NonNullable<LocalPlan['manifestMd5']>): RunRequest {
  const { manifest } = request;
  return manifest.name === 'other' ? { ...request, manifest: { ...manifest, md5 } } : request;
}

async function knownPlan(
  { out, selection: ask }: RunOptions,
  request: RunRequest,
  reserveBytes: number,
  rate: number | undefined,
): Promise<LocalPlan> {
  const { manifest, selection } = request;
  if (manifest.name !== 'official') {
    if (manifest.name === 'photos') throw new Error('unreachable: photographs are not planned here');
    throw refused(
      `plan [manifest=${manifest.location}]: expected this manifest in ${out} or as a local file, got neither; ` +
        'fetch it first: the same command with --json in place of the other tasks',
    );
  }
  const known = ask === undefined ? undefined : knownSelection(ask);
  const asked = known === undefined ? request : { ...request, ids: known.selected.ids };
  const plan = planFromKnownTotals(asked, { freeBytes: await freeBytes(out), reserveBytes });
  const large = request.kinds.filter(isLargeFileKind).flatMap((kind) => askedFiles(kind, request));
  return {
    ...plan,
    figures: figuresOf({
      kinds: plan.kinds,
      sources: plannedSources(request.source),
      largeFiles: [officialManifest, ...large],
      shards: Object.fromEntries(plan.kinds.map(({ kind, files }) => [kind, Math.ceil(files / 1000)])),
      // Which originals are the same only the manifest tells.
      copies: { files: 0, bytes: 0 },
      freeInodes: await freeInodes(out),
      rate: rate === undefined ? undefined : { bytesPerSecond: rate, isMeasured: false },
    }),
    ...(selection === undefined || known === undefined
      ? {}
      : { selection: { words: selection.words, records: known.selected.records, of: known.selected.of } }),
    ...(known?.untold === undefined ? {} : { untold: known.untold }),
  };
}
