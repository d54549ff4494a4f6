/*
 * Interceptors of every workflow: it begins only with an input that was signed for it, and says of everything that it
 * starts or schedules for whom it is. The worker's codec, outside of the sandbox, has the key and does the signing.
 */

import { ApplicationFailure, log, type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';
import { GATE_TYPE, gateSignals, signalType } from '../../domain/gate/source-gate.ts';
import { CHILD_WAITS } from '../../domain/run/progress.ts';
import { type InputRefusal, madeFor, refusalIn } from '../../domain/signing/signed-input.ts';

/** Only workers and their workflows send these; what others send is passed over. */
const signedSignals: ReadonlySet<string> = new Set([...Object.values(gateSignals), CHILD_WAITS]);

export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute: (input, next) => {
        const { namespace, workflowId, workflowType: type } = workflowInfo();
        const refusal = refusalIn(input.args[0], { namespace, workflowId, type });
        if (refusal === undefined) return next(input);
        return Promise.reject(failureOf(refusal));
      },
      handleSignal: async (input, next) => {
        const { namespace, workflowId } = workflowInfo();
        const type = signalType(input.signalName);
        const refusal = signedSignals.has(input.signalName)
          ? refusalIn(input.args[0], { namespace, workflowId, type })
          : undefined;
        if (refusal === undefined) await next(input);
        else log.warn(refusal.sentence);
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
      signalWorkflow: (input, next) => {
        const { signalName, target, args } = input;
        if (!signedSignals.has(signalName)) return next(input);
        const id = target.type === 'child' ? target.childWorkflowId : target.workflowExecution.workflowId;
        return next({ ...input, args: signedArgs(args, id ?? '', signalType(signalName)) });
      },
      continueAsNew: (input, next) => {
        const { workflowId, workflowType } = workflowInfo();
        return next({ ...input, args: signedArgs(input.args, workflowId, workflowType) });
      },
    },
  ],
});

/**
 * A workflow ends by it before it has begun. One that has begun, or that another one started or goes on with, was begun by
 * a worker that took its input: by another key it goes on, so that only this Workflow Task fails, until a worker with that
 * key has the next one. So does a gate, which a worker starts: whoever has another key must not end it.
 */
function failureOf({ sentence, isOfAnotherKey }: InputRefusal): Error {
  const { unsafe, parent, continuedFromExecutionRunId, workflowType } = workflowInfo();
  const isOfAWorker =
    parent !== undefined || continuedFromExecutionRunId !== undefined || workflowType === GATE_TYPE;
  const hasBegun = unsafe.isReplaying || (isOfAnotherKey && isOfAWorker);
  return hasBegun ? new Error(sentence) : ApplicationFailure.nonRetryable(sentence, 'Input.NotSigned');
}

function signedArgs([input, ...rest]: readonly unknown[], workflowId: string, type: string): unknown[] {
  if (input === null || typeof input !== 'object') return [input, ...rest];
  return [madeFor(input, { namespace: workflowInfo().namespace, workflowId, type }), ...rest];
}
