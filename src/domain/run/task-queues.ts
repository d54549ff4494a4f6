import { WORKFLOW_VERSION } from './run.ts';

/**
 * The Task Queue of runs and workers that go by this name. The version is in it, so that a worker of another version
 * never gets a task that it would decide differently.
 */
export function versionedTaskQueue(name: string): string {
  return `${name}-v${WORKFLOW_VERSION}`;
}

/** A run's Task Queue for one kind of slot: its own (`work`), or the one beside it whose slots are processors (`align`). */
export function taskQueueOf(runs: string, slots: 'work' | 'align'): string {
  return slots === 'work' ? runs : `${runs}-${slots}`;
}
