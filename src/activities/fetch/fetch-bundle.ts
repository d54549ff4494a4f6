import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { parseIds } from '../../domain/dataset/ids.ts';
import { MANIFEST_FILE, NO_FOLDER, statePaths } from '../../domain/dataset/layout.ts';
import { filesFor } from '../../domain/dataset/reference-files.ts';
import type { BundleInput, BundleResult } from '../../domain/run/run.ts';
import { enterStore } from '../activity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { BundleProgress } from '../heartbeat.ts';
import { readSlice } from '../manifest/manifest-slices.ts';
import { surveyFolder } from '../store/partial-file.ts';
import { folderName, makeSafeFolder } from '../store/safe-folder.ts';
import { readVerified } from '../store/verified-records.ts';
import { BundleAttempt, type BundleHands } from './bundle-attempt.ts';
import { type FileContext, type FileResult, settleFile } from './settle-file.ts';

/**
 * Settles the files of a bundle, several at a time. A file's passing fault does not stop the others: they are finished,
 * then the attempt fails, and the next one does only what is unfinished. Faults are counted per file in the heartbeat
 * details, so kills, drains and waits count for nobody.
 */
export function makeFetchBundle(dependencies: ActivityDependencies) {
  return async function fetchBundle(input: BundleInput): Promise<BundleResult> {
    const progress = BundleProgress.begin();
    try {
      const storePath = await enterStore(dependencies, input);
      const specs = await specsOf(storePath, input);
      progress.setTotals(specs);
      const { files } = input;
      const fetching = new Fetching(dependencies, input, storePath);
      const bundle = new BundleAttempt(dependencies, input, storePath, progress, {
        slots: dependencies.fileSlots,
        group: 'folder' in files ? files.folder : NO_FOLDER,
        hasIds: 'folder' in files,
        settle: (spec, hands) => fetching.settle(spec, hands),
      });
      return await bundle.settleAll(specs);
    } finally {
      progress.end();
    }
  };
}

async function specsOf(storePath: string, input: BundleInput): Promise<readonly FileSpec[]> {
  const { files } = input;
  if (files.kind === 'licenses' || files.kind === 'json') return filesFor(files.kind, input.request);
  const slice = await readSlice(storePath, files.manifestMd5, files.kind, files.folder);
  return parseIds(files.ids).map((id) => {
    const spec = slice.get(id);
    if (spec === undefined)
      throw new Error(`slice [${files.kind}/${files.folder}]: expected record ${id}, got none`);
    return spec;
  });
}

/** How the files of one bundle are fetched. */
class Fetching {
  readonly #dependencies: ActivityDependencies;
  readonly #input: BundleInput;
  readonly #storePath: string;
  readonly #contexts = new Map<string, Promise<FileContext>>();

  constructor(dependencies: ActivityDependencies, input: BundleInput, storePath: string) {
    this.#dependencies = dependencies;
    this.#input = input;
    this.#storePath = storePath;
  }

  async settle(spec: FileSpec, hands: BundleHands): Promise<FileResult> {
    return (
      (await this.#manifestInPlace(spec, hands)) ??
      (await settleFile(await this.#contextFor(spec, hands), spec, hands.onBytes))
    );
  }

  /** A manifest named by URL waits elsewhere until it has been read; an earlier run's lies in its place by now. */
  async #manifestInPlace(spec: FileSpec, hands: BundleHands): Promise<FileResult | undefined> {
    if (spec.path !== statePaths.incomingManifest || spec.md5 === undefined) return undefined;
    const inPlace = { ...spec, path: MANIFEST_FILE };
    const context = await this.#contextFor(inPlace, hands);
    const onlyLooking = { ...context, request: { ...context.request, fetch: 'nothing' as const } };
    const result = await settleFile(onlyLooking, inPlace, hands.onBytes);
    return result.status === 'done' ? result : undefined;
  }

  /** Files of a bundle lie in one folder, or in a few: each is checked and listed once. */
  #contextFor(spec: FileSpec, hands: BundleHands): Promise<FileContext> {
    const folder = folderName(spec.path);
    let context = this.#contexts.get(folder);
    if (context === undefined) {
      context = this.#makeContext(folder, spec, hands);
      this.#contexts.set(folder, context);
    }
    return context;
  }

  async #makeContext(folder: string, spec: FileSpec, hands: BundleHands): Promise<FileContext> {
    const { request, run, files } = this.#input;
    const absolute = await makeSafeFolder(this.#storePath, folder);
    const group = 'folder' in files ? files.folder : NO_FOLDER;
    const { sources } = this.#dependencies;
    // A manifest or a licence that the user named by URL comes from there, whatever the source of the pictures is.
    const named =
      (files.kind === 'json' && request.manifest.name === 'other') ||
      (files.kind === 'licenses' && request.license.name === 'url');
    return {
      dependencies: this.#dependencies,
      storePath: this.#storePath,
      folder: absolute,
      group,
      run,
      request,
      source: named
        ? await sources.namedUrl(request.allowedHosts)
        : await sources.open(request.source, request.allowedHosts),
      verified: await readVerified(this.#storePath, spec.kind, group),
      listing: await surveyFolder(absolute),
      signal: hands.signal,
      notes: hands.notes,
    };
  }
}
