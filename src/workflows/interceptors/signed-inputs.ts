/*
 * Interceptors of every workflow: it begins only with an input that was signed for it, and says of everything that it
 * starts or schedules for whom it is. The worker's codec, outside of the sandbox, has the key and does the signing.
 */

import { ApplicationFailure, type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';
import { madeFor, refusalOf } from '../../domain/signing/signed-input.ts';

export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute: (input, next) => {
        const { namespace, workflowId, workflowType: type } = workflowInfo();
        const refusal = refusalOf(input.args[0], { namespace, workflowId, type });
        if (refusal === undefined) return next(input);
        // Thrown here, before there is a promise, it would fail the Workflow Task, which is tried again for ever.
        return Promise.reject(ApplicationFailure.nonRetryable(refusal, 'Input.NotSigned'));
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => {
        const { workflowId } = workflowInfo();
        return next({ ...input, args: signedArgs(input.args, workflowId, input.activityType) });
      },
      startChildWorkflowExecution: (input, next) => {
        const { options, workflowType } = input;
        const args = signedArgs(options.args ?? [], options.workflowId, workflowType);
        return next({ ...input, options: { ...options, args } });
      },
      continueAsNew: (input, next) => {
        const { workflowId, workflowType } = workflowInfo();
        return next({ ...input, args: signedArgs(input.args, workflowId, workflowType) });
      },
    },
  ],
});

function signedArgs([input, ...rest]: readonly unknown[], workflowId: string, type: string): unknown[] {
  if (input === null || typeof input !== 'object') return [input, ...rest];
  return [madeFor(input, { namespace: workflowInfo().namespace, workflowId, type }), ...rest];
}
