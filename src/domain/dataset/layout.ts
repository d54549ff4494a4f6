/** Where everything lies under OUT: the reference's tree, and the project's own records beside it in `.ffhq`. */

import { type FileKind, type ImageKind, imageKinds, kinds, perImageKind } from '../kinds.ts';
import type { ImageId, Md5 } from './ids.ts';
import { folderOf, formatImageId, SHARD_SIZE } from './ids.ts';

export const MANIFEST_FILE = 'ffhq-dataset-v2.json';
export const LICENSE_FILE = 'LICENSE.txt';
/** Where the licence text goes when a file of the user's own has its name. */
export const LICENSE_BESIDE = 'LICENSE.ffhq.txt';

/** The reference's folder of each kind of picture. */
export const kindFolders = perImageKind((kind) => kinds[kind].folder);

/** Aligned pictures are named by the record's position in the whole manifest, as the reference does it. */
export function alignedPath(folder: string, position: number): string {
  const five = (number: number) => String(number).padStart(5, '0');
  return `${folder}/${five(position - (position % SHARD_SIZE))}/${five(position)}.png`;
}

export function canonicalPath(kind: ImageKind, id: ImageId): string {
  return `${kindFolders[kind]}/${folderOf(id)}/${formatImageId(id)}.png`;
}

/** Where some file of a kind lies, to ask who has files there. */
export function examplePath(kind: FileKind): string {
  const image = imageKinds.find((one) => one === kind);
  if (image !== undefined) return canonicalPath(image, 0 as ImageId);
  const { folder } = kinds[kind];
  return folder === undefined ? MANIFEST_FILE : `${folder}/${LICENSE_FILE}`;
}

/**
 * Checks a `file_path` of the manifest: relative, inside the kind's own folder, every component plain. Hostile paths
 * (`..`, absolute, backslashes, control characters, names of our own partial files) have no way through.
 */
export function isSafeImagePath(kind: ImageKind, path: string): boolean {
  if (path.length > 200 || !path.startsWith(`${kindFolders[kind]}/`)) return false;
  const components = path.split('/');
  if (components.length < 2 || components.length > 4) return false;
  return (
    components.every((component) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(component)) && path.endsWith('.png')
  );
}

/** The project's own folder under OUT. */
export const STATE_FOLDER = '.ffhq';

export const statePaths = {
  store: `${STATE_FOLDER}/store.json`,
  /** The same id once more. */
  storeTwin: `${STATE_FOLDER}/store-twin.json`,
  owner: `${STATE_FOLDER}/owner.json`,
  manifests: `${STATE_FOLDER}/manifest`,
  currentManifest: `${STATE_FOLDER}/manifest/current.json`,
  /** What runs of other keys said in `currentManifest`, until a run of this one said its own there. */
  cards: `${STATE_FOLDER}/cards`,
  /** Which records the last run that was asked for some selected, and by what. */
  selection: `${STATE_FOLDER}/selection.json`,
  /** The same of a look at what the folder holds. */
  heldSelection: `${STATE_FOLDER}/selection-held.json`,
  /** What clients ask for, by its digest. */
  asks: `${STATE_FOLDER}/selections`,
  ask: (digest: string) => `${STATE_FOLDER}/selections/${digest}.json`,
  /** Which records are let go, and what became of them: see docs/decisions/exclusion/letting-go.md. */
  exclusions: `${STATE_FOLDER}/exclusions`,
  exclusionLedger: `${STATE_FOLDER}/exclusions/ledger.jsonl`,
  /** Of a purge that has yet to end: what goes. */
  purgeWork: `${STATE_FOLDER}/exclusions/purge.jsonl`,
  /** Files that still tell of what went, and that are for a person to look at. */
  purgeLeft: `${STATE_FOLDER}/exclusions/left.txt`,
  /** Which records a list means in a manifest. */
  excludedIds: (md5: Md5) => `${STATE_FOLDER}/exclusions/ids-${md5}.json`,
  incomingManifest: `${STATE_FOLDER}/manifest/incoming.json`,
  /** Every face's crop under some options; `recipe` is their digest. */
  crops: (md5: Md5, recipe: Md5) => `${STATE_FOLDER}/manifest/${md5}/crops-${recipe}`,
  /** `group`: the thousand-folder, or `files` for kinds that have none. */
  verified: (kind: FileKind, group: string) => `${STATE_FOLDER}/verified/${kind}/${group}`,
  failures: (runId: string, kind: FileKind, group: string) =>
    `${STATE_FOLDER}/failures/${runId}/${kind}/${group}`,
  /** Faults of files that may yet arrive. */
  faults: (runId: string, kind: FileKind, group: string) =>
    `${STATE_FOLDER}/failures/${runId}/faults/${kind}/${group}`,
  /** Files that worker processes have in hand. */
  hands: (runId: string) => `${STATE_FOLDER}/failures/${runId}/hands`,
  failuresOfRun: (runId: string) => `${STATE_FOLDER}/failures/${runId}`,
  allFailures: `${STATE_FOLDER}/failures`,
  /** What each worker of a run did when, for charts. */
  timeline: (runId: string) => `${STATE_FOLDER}/timeline/${runId}`,
  allTimelines: `${STATE_FOLDER}/timeline`,
  /** MD5s of the texts that say what the folder holds. */
  madeFiles: `${STATE_FOLDER}/metadata.json`,
  /** Sketches of pages of no known kind. */
  pages: `${STATE_FOLDER}/pages`,
  /** What describes a folder is read of; made anew wherever it does not fit the manifest. */
  index: `${STATE_FOLDER}/index`,
  recordIndex: `${STATE_FOLDER}/index/records.jsonl`,
  /** Of which manifest it is, and as which file that was seen. */
  indexHead: `${STATE_FOLDER}/index/head.json`,
  reportJson: `${STATE_FOLDER}/report.json`,
  reportText: `${STATE_FOLDER}/report.txt`,
  reportHtml: `${STATE_FOLDER}/report.html`,
} as const;

/** Names a run, and so the folder of its notes: whatever else lies there is none of ours. */
export function isRunId(name: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
}

/** Group name of kinds that have no thousand-folders. */
export const NO_FOLDER = 'files';

/** How the names of our own unfinished files end: see partial-name.ts. */
export const PARTIAL_SUFFIX = '.ffhq-part';

/** Unfinished files of the reference script: `<name>.tmp.<uuid>`; never touched. */
export function isReferencePartial(name: string): boolean {
  return /\.tmp\.[0-9a-f]{32}$/.test(name);
}
