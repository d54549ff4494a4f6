import type { Config } from '../../../src/config.ts';
import { ensureEmbeddedServer } from '../../../src/server/embedded-server.ts';

// A command that needs a server and keeps nothing else going; argument: the configuration.
const config = JSON.parse(process.argv[2] ?? '') as Config;
const server = await ensureEmbeddedServer({ config, onLine: console.error });
await server.release();
