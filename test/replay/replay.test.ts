import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { expect, test } from 'vitest';
import { SigningCodec } from '../../src/signing/signing-codec.ts';
import { testKey } from '../support/test-key.ts';

const folder = new URL('./histories/', import.meta.url);
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.json.gz'),
);
const options = {
  workflowBundle: { codePath: fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url)) },
  dataConverter: { payloadCodecs: [new SigningCodec(testKey)] },
};

function read(name: string): string {
  return gunzipSync(readFileSync(new URL(name, folder))).toString('utf8');
}

/** Children are named after their run, so it replays under its own name. */
async function replay(text: string): Promise<void> {
  const history = historyFromJSON(JSON.parse(text));
  const workflowId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  await Worker.runReplayHistory(options, history, workflowId ?? '');
}

test.each(names)('open runs of this version go on after an update: %s replays', async (name) => {
  await replay(read(name));
});

test('the recorded histories tell of failures, pauses, deferrals, gates, cancellation, purges, and of runs that continue as new', () => {
  const has = (start: string, text: string) =>
    names.some((name) => name.startsWith(start) && read(name).includes(text));
  expect(has('failures.child', 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED')).toBe(true);
  expect(has('pause.run', 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED')).toBe(true);
  expect(has('pause.child', 'EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED')).toBe(true);
  expect(names.filter((name) => name.startsWith('deferral.child')).length).toBe(2);
  expect(has('gates/blocked.gate', 'EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED')).toBe(true);
  expect(has('gates/blocked.child', '"gateMoved"')).toBe(true);
  expect(has('archive.child', 'EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED')).toBe(true);
  expect(has('cancel.run', 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED')).toBe(true);
  expect(has('purge/purge.run', '"purgeFolder"')).toBe(true);
  expect(has('continue-as-new.child', 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW')).toBe(true);
});

test('a replay notices when the workflow decides otherwise', async () => {
  const other = read('failures.run.json.gz').replaceAll('"planRun"', '"planOtherwise"');
  await expect(replay(other)).rejects.toThrow(DeterminismViolationError);
});

test('the longest history replays from cold in the time that a Workflow Task leaves', async () => {
  const sizes = names.map((name) => ({ name, events: read(name).match(/"eventType"/g)?.length ?? 0 }));
  const longest = sizes.sort((a, b) => b.events - a.events)[0];
  if (longest === undefined) throw new Error('expected recorded histories');
  expect(longest.events).toBeGreaterThan(2_700);
  expect(longest.events).toBeLessThan(3_000);
  const text = read(longest.name);
  const started = performance.now();
  await replay(text);
  // 3 s are promised of two idle cores; a Workflow Task has 10 s.
  expect(performance.now() - started).toBeLessThan(10_000);
}, 30_000);
