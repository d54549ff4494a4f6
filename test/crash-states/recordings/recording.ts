import type { RunContext } from '../../../src/domain/run/run.ts';
import type { ManifestSummary, ShardTotals } from '../../../src/domain/run/workflow-inputs.ts';
import type { History } from '../trace/file-operations.ts';

/** One command on one folder, with every change that it made there. */
export interface Recording {
  readonly name: string;
  /** Which of the datasets it was given. */
  readonly dataset: DatasetName;
  /** As the server was told: folder, owner, request, run. */
  readonly context: RunContext;
  /** What the command was given, but for the program's name. */
  readonly words: readonly string[];
  readonly history: History;
  readonly milestones: Milestones;
}

export type DatasetName = 'pictures' | 'faces' | 'archive';

/** What the server heard of a run, and when (seconds since the epoch). It forgets nothing of that in a power cut. */
export interface Milestones {
  readonly started: number;
  readonly planned:
    | { readonly time: number; readonly manifest: ManifestSummary; readonly shards: readonly ShardTotals[] }
    | undefined;
  /** Shards that came to their end, as `<kind>/<folder>`. */
  readonly finished: readonly { readonly shard: string; readonly time: number }[];
}

/** What the server knew at a moment: the shards that are still to be done, if the run was planned by then. */
export function knownAt(
  { planned, finished }: Milestones,
  time: number,
): { readonly manifest: ManifestSummary; readonly pending: readonly ShardTotals[] } | undefined {
  if (planned === undefined || planned.time > time) return undefined;
  const over = new Set(finished.filter((one) => one.time <= time).map(({ shard }) => shard));
  const pending = planned.shards.filter(({ kind, folder }) => !over.has(`${kind}/${folder}`));
  return { manifest: planned.manifest, pending };
}
