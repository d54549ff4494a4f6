import { lookup } from 'node:dns/promises';
import { connect, type SocketConnectOpts } from 'node:net';
import { networkInterfaces } from 'node:os';
import { definitionOf } from '../../activities/sources/index.ts';
import { readConfig } from '../../config.ts';
import { driveUrl } from '../../domain/dataset/reference-files.ts';
import { proxyFor } from '../../domain/network/proxies.ts';
import { type Answer, note, ok, problem } from '../finding.ts';
import type { Question } from '../question.ts';
import { refusalOf } from '../said.ts';

const CHECK = 'IPv4 and IPv6';
const CONNECT_MS = 4_000;

type Family = 4 | 6;

/** Which kinds of address this machine has, and by which of them its first source can be reached. */
export default async function checkAddressFamilies({ source, network }: Question): Promise<Answer> {
  const own = ([4, 6] as const).filter(hasAddress).map((family) => `IPv${family}`);
  const here = own.length === 0 ? 'no address but its own loopback' : `addresses of ${own.join(' and ')}`;
  const { proxies, googleOrigin } = readConfig(process.env);
  const url = definitionOf(source).namedUrls(source)[0] ?? new URL(googleOrigin ?? driveUrl(''));
  if (proxyFor(proxies, url) !== undefined) {
    return { findings: [ok(CHECK, `this machine has ${here}; a proxy leads to ${url.host}`)] };
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  let addresses: readonly { readonly address: string; readonly family: number }[];
  try {
    addresses = await lookup(host, { all: true });
  } catch (error) {
    const found = `this machine has ${here}; the name ${host} is not found (${refusalOf(error)})`;
    return { findings: [note(CHECK, found)] };
  }
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const tried = await Promise.all(
    ([4, 6] as const).map(async (family) => {
      const first = addresses.find((one) => one.family === family);
      if (first === undefined) return { family, how: 'has no address' };
      return { family, how: await connected({ host: first.address, port, family }) };
    }),
  );
  const words = tried.map(({ family, how }) => `IPv${family} ${how}`).join(', ');
  const found = `this machine has ${here}; ${url.host} by ${words}`;
  const isBroken = (family: Family) => tried.some((one) => one.family === family && isFailure(one.how));
  const works = (family: Family) => tried.some((one) => one.family === family && one.how === CONNECTED);
  if (network.ipv4 && !works(4)) {
    return { findings: [problem(CHECK, found, works(6) ? 'leave out --ipv4' : 'look at the network')] };
  }
  // Only with an address of its own is it this machine's IPv6 that is broken; without one, nobody tries.
  if (works(4) && isBroken(6) && hasAddress(6) && !network.ipv4) {
    return { findings: [problem(CHECK, found, 'give --ipv4: each connection loses seconds by IPv6')] };
  }
  if (!works(4) && !works(6))
    return { findings: [problem(CHECK, found, 'look at the network and HTTPS_PROXY')] };
  return { findings: [ok(CHECK, found)] };
}

const CONNECTED = 'connected';

function isFailure(how: string): boolean {
  return how !== CONNECTED && how !== 'has no address';
}

/** An address by which others can be reached: neither loopback nor link-local. */
function hasAddress(family: Family): boolean {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.some(
    ({ internal, address, family: of }) =>
      !internal && of === `IPv${family}` && !/^(fe80:|169\.254\.)/i.test(address),
  );
}

/** How an attempt to connect ended, in a word or a code of the system. */
function connected(options: SocketConnectOpts): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ ...options, timeout: CONNECT_MS });
    const end = (how: string) => {
      socket.destroy();
      resolve(how);
    };
    socket.once('connect', () => end(CONNECTED));
    socket.once('timeout', () => end(`did not answer in ${CONNECT_MS / 1000} s`));
    socket.once('error', (error) => end(refusalOf(error)));
  });
}
