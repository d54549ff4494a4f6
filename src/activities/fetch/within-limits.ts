import type { RunContext } from '../../domain/run/run.ts';
import type { Slots } from '../../domain/run/slots.ts';
import type { ActivityScope } from '../activity.ts';
import type { Asker } from '../sources/flow/flow.ts';

/** What an Activity that fetches must go by. */
interface Limits {
  /** For whom sources are opened. */
  readonly asker: Asker;
  /** A place for each file: of the run, and then of the process. */
  readonly slots: Pick<Slots, 'use'>;
}

/** Does the work of an Activity that fetches, within the limits of its run; the heartbeat tells of them. */
export function withinLimits<Result>(
  { dependencies, heartbeat }: ActivityScope,
  input: RunContext,
  work: (limits: Limits) => Promise<Result>,
): Promise<Result> {
  const { flows, fileSlots } = dependencies;
  return flows.within(input, (flow) => {
    heartbeat.tellBearings(() => flow.bearings);
    const { beginWait } = heartbeat;
    const slots: Limits['slots'] = {
      // What waits for the run's own turn holds no place that another run could have.
      use: (weight, signal, settle) =>
        flow.files.use(weight, signal, () => fileSlots.use(weight, signal, settle)),
    };
    return work({ asker: { flow, beginWait }, slots });
  });
}
