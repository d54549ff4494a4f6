import type { LookAtGateInput, LookAtGateResult } from '../../domain/gate/source-gate.ts';
import { checkGateInput } from '../../domain/signing/check-gate.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { asActivityFailure } from '../failures.ts';

/** What a gate says of itself. Whoever looks while it is closed is told when it moves. */
export function lookAtGate({ sources }: Pick<ActivityDependencies, 'sources'>) {
  return async (input: LookAtGateInput): Promise<LookAtGateResult> => {
    try {
      checkGateInput('lookAtGate', input);
    } catch (error) {
      throw asActivityFailure(error);
    }
    return (await sources.gates?.look(input)) ?? {};
  };
}
