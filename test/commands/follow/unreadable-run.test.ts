import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Connected, connectClient, settingsForAddress } from '../../../src/temporal/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { giveInProcess } from '../../support/in-process.ts';
import { makeUnreadableRun } from '../../support/server/unreadable-run.ts';

let connected: Connected;

beforeAll(async () => {
  connected = await connectClient(settingsForAddress(inject('temporalAddress'), 'default'));
});
afterAll(() => connected?.connection.close());

const give = (...words: string[]) => giveInProcess([...words, '--address', inject('temporalAddress')]);

async function isTerminated(workflowId: string): Promise<boolean> {
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Terminated'`;
  return (await connected.client.workflow.count(query)).count === 1;
}

test('a run of which no client can be told says how to end it, and `cancel --force` does', async () => {
  const workflowId = await makeUnreadableRun(connected);
  for (const verb of ['status', 'watch', 'cancel']) {
    const { exitCode, output } = await give(verb, workflowId);
    expect([verb, exitCode], output).toEqual([verb, 2]);
    expect(output).toContain(`cancel --force ${workflowId}`);
  }
  expect(await give('cancel', '--force', workflowId)).toMatchObject({ exitCode: 0 });
  await eventually('its end', () => isTerminated(workflowId));
});
