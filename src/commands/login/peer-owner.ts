import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

/** Whose process is at the other end of a connection of this machine; `unknown` where the system does not tell. */
export type PeerOwner = 'mine' | 'another' | 'unknown';

/** The kernel's tables of connections; texts of the files of the same names in /proc/net. */
export interface ConnectionTables {
  readonly tcp: string;
  readonly tcp6: string;
}

const ESTABLISHED = '01';

/** A row that is looked for while others come and go may be missed. */
const LOOKS = 3;

/**
 * Whether this user (or the administrator, to whom nothing is closed) holds the other end. Linux only: elsewhere, and without
 * /proc, it is unknown.
 *
 * @param socket accepted on an IPv4 address of the loopback
 */
export function ownerOfPeer(socket: Socket, read = readTables): PeerOwner {
  const me = process.geteuid?.();
  for (let look = 0; look < LOOKS; look++) {
    const tables = read();
    if (tables === undefined || me === undefined) return 'unknown';
    const uid = uidOfPeer(socket, tables);
    if (uid !== undefined) return uid === me || uid === 0 ? 'mine' : 'another';
  }
  // Who leaves before he is looked at is no browser.
  return 'another';
}

function readTables(): ConnectionTables | undefined {
  try {
    const tcp = readFileSync('/proc/net/tcp', 'latin1');
    return { tcp, tcp6: readTcp6() };
  } catch {
    return undefined;
  }
}

/** A machine without IPv6 has none. */
function readTcp6(): string {
  try {
    return readFileSync('/proc/net/tcp6', 'latin1');
  } catch {
    return '';
  }
}

/** Of a socket that is open: of one that its process closed the kernel says 0, whoever it was. */
function uidOfPeer(
  { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 }: Socket,
  { tcp, tcp6 }: ConnectionTables,
): number | undefined {
  const far = `${inKernelsHex(remoteAddress)}:${portHex(remotePort)}`;
  const near = `${inKernelsHex(localAddress)}:${portHex(localPort)}`;
  const mapped = `0000000000000000${endianness() === 'LE' ? 'FFFF0000' : '0000FFFF'}`;
  for (const [table, prefix] of [
    [tcp, ''],
    [tcp6, mapped],
  ] as const) {
    for (const row of table.split('\n')) {
      const [, local, remote, state, , , , uid] = row.trim().split(/\s+/);
      if (local === prefix + far && remote === prefix + near && state === ESTABLISHED) return Number(uid);
    }
  }
  return undefined;
}

/** An IPv4 address as the kernel writes it: one number, in this machine's order of bytes. */
function inKernelsHex(address: string): string {
  const bytes = address.split('.').map(Number);
  return Buffer.from(endianness() === 'LE' ? bytes.reverse() : bytes)
    .toString('hex')
    .toUpperCase();
}

function portHex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
