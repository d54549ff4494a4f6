import { join } from 'node:path';
import { sha256Of } from '../../domain/dataset/digest.ts';
import { folderOf, type ImageId, type Md5 } from '../../domain/dataset/ids.ts';
import { MANIFEST_FILE, statePaths } from '../../domain/dataset/layout.ts';
import { isAbsent, ManifestError, parseManifestRecord } from '../../domain/dataset/manifest.ts';
import { Excluder } from '../../domain/exclusion/excluder.ts';
import type { ExclusionList } from '../../domain/exclusion/exclusion-list.ts';
import type { PurgePlan, PurgePlanInput, PurgeRecord } from '../../domain/exclusion/purge.ts';
import { isRemoved } from '../../domain/exclusion/tombstone.ts';
import { type ImageKind, imageKinds } from '../../domain/kinds.ts';
import { RequestError } from '../../domain/network/request-url.ts';
import { canonicalJson } from '../../domain/run/request.ts';
import { accountOf } from '../../domain/selection/author-key.ts';
import { factsOf } from '../../domain/selection/record-facts.ts';
import type { ActivityScope } from '../activity.ts';
import { readExclusions } from '../exclusion/exclusions.ts';
import { readLedger } from '../exclusion/ledger-file.ts';
import { inFolder } from '../folders/held-folder.ts';
import { eachManifestRecord } from '../manifest/manifest-records.ts';
import { lstatIfThere, md5OfFile } from '../store/file-info.ts';
import { archivesIn } from './archives.ts';
import { readPurgeWork, writePurgeWork } from './purge-work.ts';

/**
 * Which records go, by the folder's list and manifest, and what of theirs: noted in the folder, so that a purge that is killed
 * goes on with it. Two passes: what other records have as well stays, an original as much as a name.
 */
export async function planPurge(
  { storePath, heartbeat, dependencies }: ActivityScope,
  { deleteArchives }: PurgePlanInput,
): Promise<PurgePlan> {
  const { seal } = dependencies;
  heartbeat.say('looking for what goes');
  await inFolder(storePath, statePaths.exclusions, async () => {}, 'synced');
  const begun = await readPurgeWork(storePath, seal);
  const found = await recordsThatGo(storePath, heartbeat.signal, {
    list: await readExclusions(storePath, seal),
    published: (md5) => readLedger(storePath, seal).then((ledger) => ledger.publishedOf(md5)),
    removedOf: (md5) => readLedger(storePath, seal).then((ledger) => ledger.removedOf(md5)),
  });
  const known = new Set(begun.map(({ manifest, id }) => `${manifest} ${id}`));
  const work = [...begun, ...found.filter(({ manifest, id }) => !known.has(`${manifest} ${id}`))];
  const archives = await archivesIn(storePath);
  if (archives.length > 0 && !deleteArchives)
    throw new RequestError(
      `archives [${archives.slice(0, 20).join(', ')}]: expected none that hold what goes, got ${archives.length}; ` +
        'give --delete-archives, or move them away',
    );
  await writePurgeWork(storePath, work, seal);
  const folders = [...new Set(work.map(({ id }) => folderOf(id)))].sort();
  return { records: work.length, folders };
}

interface PurgeKnowledge {
  readonly list: ExclusionList;
  readonly published: (md5: Md5) => Promise<Md5>;
  readonly removedOf: (md5: Md5) => Promise<ReadonlySet<ImageId>>;
}

async function recordsThatGo(
  storePath: string,
  signal: AbortSignal,
  { list, published, removedOf }: PurgeKnowledge,
): Promise<readonly PurgeRecord[]> {
  const path = join(storePath, MANIFEST_FILE);
  if (!(await lstatIfThere(path))?.isFile())
    throw new ManifestError(`manifest [file=${path}]: expected the manifest of what is to go, got none`);
  const manifest = await published(await md5OfFile(path, signal, () => {}));
  const removed = await removedOf(manifest);
  const excluder = new Excluder(list, manifest);
  const reasons = list.entries.map((entry) => ({
    reason: entry.reason,
    by: new Excluder({ entries: [entry] }, manifest),
  }));
  const going: (PurgeRecord & { readonly words: readonly string[] })[] = [];
  let position = 0;
  const goes = (key: string, value: unknown) => {
    const facts = factsOf(key, value);
    return !isRemoved(value) && (removed.has(facts.id) || excluder.excludes(facts));
  };
  await eachManifestRecord(path, signal, undefined, async (key, value) => {
    if (goes(key, value)) {
      const facts = factsOf(key, value);
      const reason = reasons.find(({ by }) => by.excludes(facts))?.reason;
      going.push({
        ...{ manifest, id: facts.id, position },
        ...(reason === undefined ? {} : { reason }),
        record: sha256Of(canonicalJson(value)),
        files: filesOf(key, value),
        ...{ shared: [], words: wordsOf(key, value) },
      });
    }
    position++;
  });
  if (going.length === 0) return [];
  const only = new Set(going.flatMap(({ words }) => words));
  await eachManifestRecord(path, signal, undefined, async (key, value) => {
    if (!isRemoved(value) && !goes(key, value)) for (const word of wordsOf(key, value)) only.delete(word);
  });
  return going.map((record) => ({
    ...record,
    shared: imageKinds.filter((kind) => {
      const path = record.files[kind]?.path;
      return path !== undefined && !only.has(path);
    }),
    words: record.words.filter((word) => only.has(word)),
  }));
}

function filesOf(key: string, value: unknown): PurgeRecord['files'] {
  const { specs } = parseManifestRecord(key, value);
  const files: Partial<Record<ImageKind, { path: string; md5: Md5 }>> = {};
  for (const kind of imageKinds) {
    const spec = specs[kind];
    if (!isAbsent(spec)) files[kind] = { path: spec.path, md5: spec.md5 };
  }
  return files;
}

/** Whatever tells of a record: where its files lie and come from, their digests, whose it is. */
function wordsOf(key: string, value: unknown): readonly string[] {
  const { specs } = parseManifestRecord(key, value);
  const { author, photoUrl } = factsOf(key, value);
  const words = [author, accountOf(photoUrl) ?? '', photoUrl];
  for (const kind of imageKinds) {
    const spec = specs[kind];
    if (!isAbsent(spec)) words.push(spec.path, spec.md5, spec.pixels.md5, spec.url);
  }
  return [...new Set(words.filter((word) => word !== ''))];
}
