/*
 * Interceptors of every workflow: results of Activities and children, and Signals, may be anybody's. A result that no
 * worker gives ends the workflow with a sentence; such a Signal is passed over. Of others only what is known goes on.
 */

import { ApplicationFailure, log, type WorkflowInterceptors } from '@temporalio/workflow';
import { takenOfResult, takenOfSignal } from '../../domain/signing/check-result.ts';

export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      handleSignal: async (input, next) => {
        const taken = takenOfSignal(input.signalName, input.args[0]);
        if ('value' in taken) await next({ ...input, args: [taken.value] });
        else log.warn(taken.refusal);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: async (input, next) => checked(input.activityType, await next(input)),
      startChildWorkflowExecution: async (input, next) => {
        const [started, result] = await next(input);
        const taken = result.then((value) => checked(input.workflowType, value));
        // Whoever awaits it hears of it; a child that did not start has no result.
        taken.catch(() => {});
        return [started, taken];
      },
    },
  ],
});

function checked(type: string, result: unknown): unknown {
  const taken = takenOfResult(type, result, Date.now());
  if ('refusal' in taken) throw ApplicationFailure.nonRetryable(taken.refusal, 'Input.Result');
  return taken.value;
}
