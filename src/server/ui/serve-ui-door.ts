/**
 * The door as a process of its own, where the UI runs in another container: UI_DOOR_TO=HOST:PORT. It listens at
 * UI_DOOR_PORT (8080) of every interface; whoever publishes that decides where it can be reached.
 */
import { keepUiDoor } from './ui-door.ts';

const [host = '', port = ''] = (process.env.UI_DOOR_TO ?? '').split(':');
if (!/^[\w.-]+$/.test(host) || !/^\d+$/.test(port))
  throw new Error('UI_DOOR_TO: expected HOST:PORT of the Temporal UI');
const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ended.abort());
await keepUiDoor({
  ...{ host: '0.0.0.0', port: Number(process.env.UI_DOOR_PORT ?? 8080), signal: ended.signal },
  ui: () => ({ host, port: Number(port) }),
});
