/*
 * What `buildDataset` and `processShard` decide, without a server: the Activities of a run in their order.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { BundleInput, BundleResult, ShardPlan } from '../../../src/domain/run/activity-inputs.ts';
import { listed } from '../../../src/domain/run/listed-files.ts';
import { manifestRoute } from '../../../src/domain/run/manifest-route.ts';
import { addTallies, emptyTally, type Tally } from '../../../src/domain/run/progress.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import type { ManifestSummary, ShardRef, ShardTotals } from '../../../src/domain/run/workflow-inputs.ts';
import { attempts } from './attempts.ts';
import type { AllActivities } from './worker-activities.ts';

export interface Settled {
  readonly status: 'complete' | 'complete with failures';
  /** Files that were given up, by reason. */
  readonly failures: Tally['failures'];
}

/** Hears what planning took for done, before anything is done about the rest. */
export type OnPlan = (shard: ShardRef, plan: ShardPlan) => void;

export interface RunToSettle {
  readonly activities: AllActivities;
  readonly context: RunContext;
  /** What the server knows already of a run that goes on. */
  readonly known?:
    | { readonly manifest: ManifestSummary; readonly pending: readonly ShardTotals[] }
    | undefined;
  readonly onPlan: OnPlan;
}

/** Does everything that is left of a run. Throws a {@link StuckError} where it would wait for ever or be refused. */
export async function settleRun({ activities, context, known, onPlan }: RunToSettle): Promise<Settled> {
  // Its mark goes when all is over: the server, which was not told so, asks for that once more and for nothing else.
  if (known?.pending.length === 0 && !existsSync(join(context.store.path, statePaths.owner))) {
    await attempts('releaseStore', activities.releaseStore, context);
    return { status: 'complete', failures: emptyTally.failures };
  }
  const { manifest, pending } = known ?? (await prepare(activities, context));
  let tally = emptyTally;
  // What is made of others comes after them.
  const inOrder = pending.toSorted((a, b) => Number(a.kind === 'align') - Number(b.kind === 'align'));
  for (const shard of inOrder)
    tally = addTallies(tally, await settleShard(activities, context, manifest, shard, onPlan));
  const progress = {
    stage: 'report' as const,
    paused: false,
    at: new Date().toISOString(),
    kinds: { images: tally },
    waits: [],
    children: [],
    counted: {},
  };
  const findForeign = context.request.trust === 'contents';
  const { status } = await attempts('writeReport', activities.writeReport, {
    ...context,
    manifest,
    progress,
    findForeign,
  });
  await attempts('releaseStore', activities.releaseStore, context);
  return { status, failures: tally.failures };
}

async function prepare(activities: AllActivities, context: RunContext) {
  const { request } = context;
  await attempts('claimStore', activities.claimStore, { ...context, takeOver: false });
  if (manifestRoute(request) === 'bundle')
    await attempts('fetchBundle json', activities.fetchBundle, { ...context, files: { kind: 'json' } });
  const manifest = await attempts('loadManifest', activities.loadManifest, context);
  const input = { ...context, manifest };
  if (request.align) await attempts('planCrops', activities.planCrops, input);
  if (listed.licenses.files(request).length > 0)
    await attempts('fetchBundle licenses', activities.fetchBundle, {
      ...context,
      files: { kind: 'licenses' },
    });
  const plan = await attempts('planRun', activities.planRun, input);
  return { manifest, pending: plan.shards };
}

async function settleShard(
  activities: AllActivities,
  context: RunContext,
  { md5: manifestMd5 }: ManifestSummary,
  shard: ShardRef,
  onPlan: OnPlan,
): Promise<Tally> {
  const { kind, folder } = shard;
  const question = { ...context, kind, folder, manifestMd5, settledIds: '' };
  let plan = await attempts(`planShard ${kind}`, activities.planShard, question);
  onPlan(shard, plan);
  if (plan.lookFirst) {
    const looking = { ...context, request: { ...context.request, fetch: 'nothing' } } as const;
    for (const { ids } of plan.lookFirst) {
      const files = { kind: 'align', folder, ids, manifestMd5, onlyToKnow: true } as const;
      await attempts('look', activities.alignBundle, { ...looking, files });
    }
    plan = await attempts(`planShard ${kind}`, activities.planShard, question);
    onPlan(shard, plan);
  }
  const settle: (input: BundleInput) => Promise<BundleResult> =
    kind === 'align' ? activities.alignBundle : activities.fetchBundle;
  let tally = emptyTally;
  for (const { ids } of plan.bundles) {
    const files = { kind, folder, ids, manifestMd5 };
    const result = await attempts(`bundle ${kind}`, settle, { ...context, files });
    tally = addTallies(tally, result.tally);
  }
  return tally;
}
