/** A process that asks for a URL once, with the flags of a worker, and prints what came as JSON. */

import { makeSourceBook } from '../../../src/activities/sources/source-book.ts';
import { readNetworkFlags } from '../../../src/commands/flags/network-flags.ts';
import { readProxies } from '../../../src/domain/network/proxies.ts';
import { outcomeOf } from '../../activities/sources/reading.ts';

const [url = '', flags = '{}'] = process.argv.slice(2);
const folders = { given: process.cwd(), project: process.cwd() };
const network = readNetworkFlags(JSON.parse(flags), folders, process.env);
const proxies = readProxies(process.env).settings;
const book = makeSourceBook({ connections: 1, env: process.env, network: { ...network, proxies } });
const request = { name: 'http-mirror', baseUrl: new URL('/', url).href };
const file = { kind: 'images', key: '0', url, path: new URL(url).pathname.slice(1) } as const;
const begun = performance.now();
const { bytes, failure } = await outcomeOf(await book.open(request, []), file, { offset: 0 });
const ms = Math.round(performance.now() - begun);
process.stdout.write(JSON.stringify({ text: bytes.toString(), failure, ms }));
await book.close();
