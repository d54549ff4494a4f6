import type { FileKind } from '../kinds.ts';

/** What a plan counts on for one source. */
export interface PlannedSource {
  readonly source: string;
  /** Requests that a piece of a file takes, of a file of so many bytes; of several of a folder, all together. */
  readonly requestsFor: (fileBytes?: number) => number;
  /** In place of one for each picture: requests for a thousand-folder, however many of it. */
  readonly requestsPerFolder?: number;
  /** May it have files of a kind? False: it is known to have none. */
  readonly mayHave: (kind: FileKind) => boolean;
}

/** What is to be fetched of a kind. */
export interface PlannedFetch {
  readonly kind: FileKind;
  /** Pictures that are not there, without those that are copied of others. */
  readonly pictures: number;
  /** Their thousand-folders. */
  readonly folders: number;
  /** Sizes of the large files that are not there, and the pieces in which each comes. */
  readonly large: readonly { readonly size: number; readonly pieces: number }[];
}

/** How often one source of a plan is asked. */
export interface PlannedRequests {
  readonly source: string;
  /** Of the first: for all that it may have. Of those behind it: at most, if nobody before had anything. */
  readonly requests: number;
  /** Of those behind the first: for the kinds that nobody before has. */
  readonly atLeast?: number;
}

/** Of each source, in the order in which they are asked; who has what of the kinds that it may have nobody knows before. */
export function plannedRequests(
  sources: readonly PlannedSource[],
  fetched: readonly PlannedFetch[],
): readonly PlannedRequests[] {
  return sources.map((one, at) => {
    const own = fetched.filter(({ kind }) => one.mayHave(kind));
    const alone = own.filter(({ kind }) => !sources.slice(0, at).some((before) => before.mayHave(kind)));
    const [requests, atLeast] = [own, alone].map((some) => sum(some.map((fetch) => requestsOf(one, fetch))));
    return {
      source: one.source,
      requests: requests ?? 0,
      ...(at === 0 || !atLeast ? {} : { atLeast }),
    };
  });
}

function requestsOf(
  { requestsFor, requestsPerFolder }: PlannedSource,
  { pictures, folders, large }: PlannedFetch,
): number {
  const perFolder = requestsPerFolder === undefined ? undefined : requestsPerFolder * folders;
  return (
    Math.min(pictures * requestsFor(), perFolder ?? Number.POSITIVE_INFINITY) +
    sum(large.map(({ size, pieces }) => requestsFor(size) * pieces))
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
