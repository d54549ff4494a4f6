import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Connected, connectClient, settingsForAddress } from '../../../src/temporal/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { giveInProcess } from '../../support/in-process.ts';

let connected: Connected;

beforeAll(async () => {
  connected = await connectClient(settingsForAddress(inject('temporalAddress'), 'default'));
});
afterAll(() => connected?.connection.close());

async function list(...words: string[]): Promise<string> {
  const { exitCode, output } = await giveInProcess([
    'list',
    '--address',
    inject('temporalAddress'),
    ...words,
  ]);
  expect([exitCode, output]).toEqual([0, expect.any(String)]);
  return output;
}

const payload = (encoding: string, data: string) => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from(data),
});
const asJson = (value: unknown) => payload('json/plain', JSON.stringify(value));

async function startForeign(
  workflowId: string,
  memo: Record<string, ReturnType<typeof payload>>,
  stage = '',
): Promise<void> {
  await connected.client.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId,
    workflowType: { name: 'buildDataset' },
    taskQueue: { name: 'somebody-else' },
    memo: { fields: memo },
    ...(stage === ''
      ? {}
      : {
          searchAttributes: {
            indexedFields: {
              FfhqStage: {
                metadata: { encoding: Buffer.from('json/plain'), type: Buffer.from('Keyword') },
                data: Buffer.from(JSON.stringify(stage)),
              },
            },
          },
        }),
    requestId: workflowId,
  });
}

test('the list shows runs that others started without obeying their ids, stages and folders, and without losing the rest', async () => {
  const id = `evil${process.pid}`;
  await startForeign(
    `${id}\u001b[2J\nrun done\u202e`,
    {
      version: asJson(1),
      request: asJson('{}'),
      out: asJson('/out\u009b31m\r\n\u2028x'),
      storeId: asJson('s'),
    },
    'done\u001b]0;owned\u0007',
  );
  await startForeign(`${id}-locked`, { version: payload('binary/encrypted', '\u0000\u0001') });
  await startForeign(`${id}-broken`, { version: payload('json/plain', '{"') });
  const text = await eventually('all three are listed', async () => {
    const found = await list();
    return found.split(id).length === 4 ? found : undefined;
  });
  expect(text).toContain(`${id}\\x1b[2J\\nrun done\\u202e`);
  expect(text).toContain('done\\x1b]0;owned\\x07');
  expect(text).toContain('/out\\x9b31m\\r\\n\\u2028x');
  expect(text).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
  expect(text.split('\n').filter((line) => line.includes(id))).toHaveLength(3);

  const [line = '', ...rest] = (await list('--output', 'json')).split('\n').filter((one) => one.includes(id));
  expect(rest).toEqual([]);
  expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  const { runs } = JSON.parse(line) as { runs: { workflowId: string; out: string }[] };
  expect(runs.find(({ workflowId }) => workflowId === `${id}\u001b[2J\nrun done\u202e`)?.out).toBe(
    '/out\u009b31m\r\n\u2028x',
  );
});
