import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { refusalIn } from '../domain/signing/signed-input.ts';
import { notSignedFailure } from './failures.ts';

/** Runs no Activity whose input was not signed for it. */
export const onlySignedActivities: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: (input, next) => {
      const refusal = refusalIn(input.args[0], {
        namespace: info.workflowNamespace ?? '',
        workflowId: info.workflowExecution?.workflowId ?? '',
        type: info.activityType,
      });
      if (refusal !== undefined) throw notSignedFailure(refusal, info.attempt);
      return next(input);
    },
  },
});
