import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../src/config.ts';
import { ensureEmbeddedServer } from '../src/server/embedded-server.ts';
import { type Connected, connectClient, settingsForAddress } from '../src/temporal/connection.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** The command as a user gives it, with a server and a database of its own. */
export const ffhq = join(root, 'bin/ffhq.js');

export function environmentOf(stateHome: string): NodeJS.ProcessEnv {
  return { ...process.env, XDG_STATE_HOME: stateHome, FFHQ_SERVER_PORT: '17633', FFHQ_UI_PORT: '18633' };
}

/** Asks the database that a command has left, through a server of its own. */
export async function askDatabase<Answer>(
  stateHome: string,
  ask: (connected: Connected) => Promise<Answer>,
): Promise<Answer> {
  const server = await ensureEmbeddedServer({
    config: readConfig(environmentOf(stateHome)),
    onLine: () => {},
  });
  try {
    const connected = await connectClient(settingsForAddress(server.address, server.namespace));
    try {
      return await ask(connected);
    } finally {
      await connected.connection.close();
    }
  } finally {
    await server.release();
  }
}

/** From the start of the first shard to the end of the last: without start-up, manifest, plan and report. */
export async function secondsOfShards({ client }: Connected): Promise<number> {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for await (const { startTime, closeTime } of client.workflow.list({
    query: 'WorkflowType="processShard"',
  })) {
    first = Math.min(first, startTime.getTime());
    last = Math.max(last, closeTime?.getTime() ?? 0);
  }
  return (last - first) / 1000;
}
