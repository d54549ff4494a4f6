import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { realServices } from '../../../src/commands/real-services.ts';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import { type Connected, connectClient, settingsForAddress } from '../../../src/temporal/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { makeUnreadableRun } from '../../support/server/unreadable-run.ts';

let connected: Connected;

beforeAll(async () => {
  connected = await connectClient(settingsForAddress(inject('temporalAddress'), 'default'));
});
afterAll(() => connected?.connection.close());

async function give(...words: string[]) {
  let text = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const exitCode = await runCommandLine({
    argv: [...words, '--address', inject('temporalAddress')],
    env: {},
    cwd: '/',
    project: '/nowhere',
    version: '0',
    stdout: sink as unknown as NodeJS.WriteStream,
    stderr: { write: (more) => (text += more) },
    services: realServices,
  });
  return { exitCode, text };
}

async function isTerminated(workflowId: string): Promise<boolean> {
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Terminated'`;
  return (await connected.client.workflow.count(query)).count === 1;
}

test('a run of which no client can be told says how to end it, and `cancel --force` does', async () => {
  const workflowId = await makeUnreadableRun(connected);
  for (const verb of ['status', 'watch', 'cancel']) {
    const { exitCode, text } = await give(verb, workflowId);
    expect([verb, exitCode], text).toEqual([verb, 2]);
    expect(text).toContain(`cancel --force ${workflowId}`);
  }
  expect(await give('cancel', '--force', workflowId)).toMatchObject({ exitCode: 0 });
  await eventually('its end', () => isTerminated(workflowId));
});
