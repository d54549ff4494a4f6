import { join } from 'node:path';
import { asAccepted, type FileSpec } from '../../domain/dataset/file-spec.ts';
import { parseIds } from '../../domain/dataset/ids.ts';
import { NO_FOLDER, statePaths } from '../../domain/dataset/layout.ts';
import type { FewFilesKind } from '../../domain/kinds.ts';
import { kinds } from '../../domain/kinds.ts';
import type { BundleInput, BundleResult } from '../../domain/run/activity-inputs.ts';
import { listed } from '../../domain/run/listed-files.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { ActivityScope } from '../activity.ts';
import { excludedIds } from '../excluded/excluded-ids.ts';
import { sliceOf } from '../manifest/manifest-slices.ts';
import { manifestToFetch } from '../manifest/manifest-text.ts';
import { Bundle } from '../settle/bundle.ts';
import { Download } from './download.ts';
import { licensesThere } from './licenses-there.ts';
import { PassingOriginal } from './passing-original.ts';
import { TwinOriginals } from './twin-originals.ts';
import { withinLimits } from './within-limits.ts';

/**
 * Settles the files of a bundle, several at a time. A file's passing fault does not stop the others: they are finished,
 * then the attempt fails, and the next one does only what is unfinished. Faults are counted per file in the heartbeat
 * details, so kills, drains and waits are not charged to any file.
 */
export async function fetchBundle(scope: ActivityScope, input: BundleInput): Promise<BundleResult> {
  const { files, request } = input;
  const { sources } = scope.dependencies;
  const isOfShard = 'folder' in files;
  return withinLimits(scope, input, async ({ asker, slots }) => {
    const open = () =>
      !isOfShard && listed[files.kind].isNamedByUser(request)
        ? sources.namedUrl(request.allowedHosts, asker)
        : sources.open(request.source, request.allowedHosts, asker);
    const twins = twinsOf(scope, input);
    const copying =
      'folder' in files ? twins?.source(open) : listedSources[files.kind]?.(scope, request, open);
    const download = new Download(scope, copying ?? open, request.fetch);
    const isPassing = request.align?.discardOriginals === true && files.kind === kinds.align.madeOf;
    const bundle = new Bundle(scope, input, {
      maker: isPassing
        ? new PassingOriginal(download, scope.dependencies, scope.storePath)
        : (twins?.maker(download) ?? download),
      kind: files.kind,
      group: isOfShard ? files.folder : NO_FOLDER,
      hasIds: isOfShard,
      slots,
    });
    return bundle.settleAll(await specsOf(scope, input));
  });
}

/** Originals that go once they have served are not there to be copied. */
function twinsOf(scope: ActivityScope, { files, request }: BundleInput): TwinOriginals | undefined {
  if (!('folder' in files) || files.kind !== kinds.align.madeOf || request.align?.discardOriginals)
    return undefined;
  return new TwinOriginals(scope, {
    slices: join(scope.storePath, statePaths.manifests),
    md5: files.manifestMd5,
    kind: files.kind,
  });
}

/** Of the few files that are listed, those that may lie in the folder already under another name. */
const listedSources: Readonly<Partial<Record<FewFilesKind, typeof licensesThere>>> = {
  licenses: licensesThere,
};

/** Where the few files go that are listed: the manifest may lie in its place already. */
const listedFiles: Readonly<
  Record<FewFilesKind, (scope: ActivityScope, request: RunRequest) => Promise<readonly FileSpec[]>>
> = {
  json: async (scope, request) => [await manifestToFetch(scope, request)],
  licenses: async (_scope, request) => listed.licenses.files(request),
};

async function specsOf(scope: ActivityScope, { files, request }: BundleInput): Promise<readonly FileSpec[]> {
  if (!('folder' in files)) return listedFiles[files.kind](scope, request);
  const root = join(scope.storePath, statePaths.manifests);
  const slice = await sliceOf(scope.dependencies, root, files.manifestMd5, files.kind, files.folder);
  const excluded = new Set(await excludedIds(scope, request, files.manifestMd5));
  // Since the bundle was planned, perhaps.
  const wanted = parseIds(files.ids).filter((id) => !excluded.has(id));
  return wanted.map((id) => {
    const spec = slice.get(id);
    if (spec === undefined)
      throw new Error(`slice [${files.kind}/${files.folder}]: expected record ${id}, got none`);
    return asAccepted(spec, request);
  });
}
