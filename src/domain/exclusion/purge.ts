import type { Folder, ImageId, Md5 } from '../dataset/ids.ts';
import type { ImageKind } from '../kinds.ts';
import { imageKinds } from '../kinds.ts';
import { parsedJson } from '../parsed-json.ts';
import type { RunRequest, StoreRef } from '../run/request.ts';
import type { RunContext, RunOwner } from '../run/run.ts';
import { keptOf, listOf, md5, object, optional, sha256, tableOf, text, whole } from '../signing/checks.ts';

/** Workflow Type of a purge. */
export const PURGE_TYPE = 'purgeRecords';

/** What `purgeRecords` is given. Which records go lies in the folder: neither ids nor names are told to the server. */
export interface PurgeInput {
  readonly store: StoreRef;
  readonly owner: RunOwner;
  readonly request: RunRequest;
  readonly takeOver: boolean;
  /** Archives that hold the pictures of every record go, too; otherwise nothing goes while there are any. */
  readonly deleteArchives: boolean;
}

export interface PurgePlanInput extends RunContext {
  readonly deleteArchives: boolean;
}

export interface PurgeFolderInput extends RunContext {
  readonly folder: Folder;
}

export interface PurgePlan {
  readonly records: number;
  /** Thousand-folders of the records that go. */
  readonly folders: readonly Folder[];
}

/** What went. */
export interface Purged {
  readonly files: number;
  readonly bytes: number;
}

export interface PurgeEnd extends Purged {
  /** Files that still tell of what went, and are not this program's. */
  readonly left: number;
}

export interface PurgeResult extends PurgeEnd {
  readonly records: number;
}

/** A purge fetches nothing and asks for nothing: what every Activity of it is told as the request. */
export const purgeRequest: RunRequest = {
  kinds: [],
  manifest: { name: 'official' },
  license: { name: 'none' },
  source: { name: 'none' },
  allowedHosts: [],
  trust: 'records',
  fetch: 'nothing',
  numAttempts: 1,
};

/** A record that goes: a line of the work that a purge keeps in the folder until it is through. */
export interface PurgeRecord {
  readonly manifest: Md5;
  readonly id: ImageId;
  /** In the whole manifest: aligned pictures are named by it. */
  readonly position: number;
  /** SHA-256 of the record's canonical JSON. */
  readonly record: string;
  readonly reason?: string;
  readonly files: Readonly<Partial<Record<ImageKind, { readonly path: string; readonly md5: Md5 }>>>;
  /** Kinds of files that other records name, too, and that stay. */
  readonly shared: readonly ImageKind[];
  /** Paths, digests, addresses and names that no record has which stays. */
  readonly words: readonly string[];
}

const record = object({
  manifest: md5,
  id: whole(0, 99_999),
  position: whole(0, 99_999),
  record: sha256,
  reason: optional(text),
  files: tableOf(object({ path: text, md5 }), imageKinds),
  shared: listOf((value) => (imageKinds.some((kind) => kind === value) ? undefined : 'a kind'), 10),
  words: listOf((value) => (typeof value === 'string' ? undefined : 'a text'), 40),
});

/** Undefined of a line that is none. */
export function parsePurgeRecord(line: string): PurgeRecord | undefined {
  const value = parsedJson(line);
  return record(value) === undefined ? (keptOf(record, value) as PurgeRecord) : undefined;
}
