import type { RunContext } from '../../domain/run/run.ts';
import type { ActivityScope } from '../activity.ts';
import type { FileSlots } from '../settle/file-maker.ts';
import type { Asker } from '../sources/flow/flow.ts';

/** What an Activity that fetches must go by. */
interface Limits {
  /** For whom sources are opened. */
  readonly asker: Asker;
  /** A place for each file: of its host, of the run, and then of the process. */
  readonly slots: FileSlots;
}

/** Does the work of an Activity that fetches, within the limits of its run; the heartbeat tells of them. */
export function withinLimits<Result>(
  { dependencies, heartbeat }: ActivityScope,
  input: RunContext,
  work: (limits: Limits) => Promise<Result>,
): Promise<Result> {
  const { flows, fileSlots, sources } = dependencies;
  return flows.within(input, (flow, inTurn) => {
    heartbeat.tellSources(
      () => flow.bearings,
      () => sources.waiting(input.request.source),
    );
    const { beginWait } = heartbeat;
    const slots: FileSlots = {
      use: (weight, signal, settle, { url }) =>
        inTurn(hostOf(url), signal, (settled) => fileSlots.use(weight, signal, settled), settle),
    };
    return work({ asker: { flow, beginWait }, slots });
  });
}

/** Of files that sources find by their path, none: all of them are asked of the same host. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
