import { formatIds, type ImageId, MAX_IMAGE_ID, type Md5, parseIds } from '../dataset/ids.ts';
import { type TaskKind, taskKinds } from '../kinds.ts';
import type { RequestHere, RunRequest } from '../run/request.ts';
import { AuthorKeys, accountOf } from '../selection/author-key.ts';
import type { RecordFacts } from '../selection/select.ts';
import { selectionOf } from '../selection/selection-of.ts';
import type { ExclusionList } from './exclusion-list.ts';
import { photoKey } from './photo-key.ts';

/** What an exclusion list says of the records of one manifest. */
export class Excluder {
  readonly #ids = new Set<ImageId>();
  readonly #accounts = new Set<string>();
  readonly #authors = new Set<string>();
  readonly #photos = new Set<string>();
  readonly #keys = new AuthorKeys();

  constructor({ entries }: Pick<ExclusionList, 'entries'>, md5: Md5) {
    for (const { ids, manifestMd5, accounts, authors, photos } of entries) {
      if (manifestMd5 === md5) for (const id of parseIds(ids ?? '')) this.#ids.add(id);
      for (const key of accounts ?? []) this.#accounts.add(key);
      for (const key of authors ?? []) this.#authors.add(key);
      for (const key of photos ?? []) this.#photos.add(key);
    }
  }

  /** Excluded by their ids, ascending. */
  get ids(): readonly ImageId[] {
    return [...this.#ids].sort((a, b) => a - b);
  }

  /** Only the manifest's words tell which records are meant. */
  get needsRecords(): boolean {
    return this.#accounts.size + this.#authors.size + this.#photos.size > 0;
  }

  excludes({ id, author, photoUrl }: Pick<RecordFacts, 'id' | 'author' | 'photoUrl'>): boolean {
    if (this.#ids.has(id)) return true;
    if (this.#photos.size > 0 && photoUrl !== '' && this.#photos.has(photoKey(photoUrl))) return true;
    const account = accountOf(photoUrl);
    if (account !== undefined && this.#hasAccount(account)) return true;
    return this.#authors.size > 0 && author !== '' && this.#authors.has(this.#keys.of(author));
  }

  #hasAccount(account: string): boolean {
    if (this.#accounts.size + this.#authors.size === 0) return false;
    const key = this.#keys.of(account);
    return this.#accounts.has(key) || this.#authors.has(key);
  }
}

/** The request as it is gone about in a folder that lets records go: of no kind is one of them asked for. */
export function without(request: RunRequest, excluded: readonly ImageId[]): RequestHere {
  if (excluded.length === 0) return request;
  const gone = new Set(excluded);
  const kept = (asked: string | undefined) => formatIds(idsOf(asked).filter((id) => !gone.has(id)));
  const { idsOf: ofKinds } = request;
  return {
    ...request,
    ids: kept(request.ids),
    ...(ofKinds === undefined ? {} : { idsOf: keptOfKinds(ofKinds, kept) }),
    letsGo: excluded.length,
  };
}

function keptOfKinds(
  ofKinds: NonNullable<RunRequest['idsOf']>,
  kept: (asked: string | undefined) => string,
): NonNullable<RunRequest['idsOf']> {
  const left: Partial<Record<TaskKind, string>> = {};
  for (const kind of taskKinds) if (ofKinds[kind] !== undefined) left[kind] = kept(ofKinds[kind]);
  return left;
}

function idsOf(asked: string | undefined): ImageId[] {
  const isAsked = selectionOf(asked);
  return Array.from({ length: MAX_IMAGE_ID + 1 }, (_, id) => id as ImageId).filter(isAsked);
}
