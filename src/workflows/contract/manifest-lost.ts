import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { failureType } from '../../domain/failure/reasons.ts';

const MANIFEST_LOST = failureType('Store', 'manifest-lost');

/** Did an Activity find what the folder keeps of the manifest missing or damaged? The run mends that and asks again. */
export function isManifestLost(error: unknown): error is ActivityFailure {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.type === MANIFEST_LOST
  );
}
