/**
 * The door as a process of its own, where the UI runs in another container: `serve-ui-door.js UI-HOST:PORT [PORT]`. It listens
 * at PORT (8080) of every interface; whoever publishes that decides where it can be reached.
 */
import { keepUiDoor } from './ui-door.ts';

const [, , ui = '', own = '8080'] = process.argv;
const [host = '', port = ''] = ui.split(':');
if (!/^[\w.-]+$/.test(host) || !/^\d+$/.test(port))
  throw new Error(`UI: expected HOST:PORT of the Temporal UI, got ${JSON.stringify(ui)}`);
const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ended.abort());
await keepUiDoor({
  ...{ host: '0.0.0.0', port: Number(own), signal: ended.signal, id: 'elsewhere' },
  ui: () => ({ host, port: Number(port) }),
});
