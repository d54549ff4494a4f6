import type { Config } from '../../../src/config.ts';
import { runServer } from '../../../src/server/run-server.ts';

// The server command in a process of its own; argument: the configuration.
const config = JSON.parse(process.argv[2] ?? '') as Config;
process.exitCode = await runServer({ config, print: console.log, onLine: console.error });
console.log('ended');
