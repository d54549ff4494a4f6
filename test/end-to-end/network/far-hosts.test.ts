import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Namespaces and tunnels take root, iproute2 and Python; where there is none of it, nothing is shown. */
function canMakeNetworks(): boolean {
  if (!existsSync('/dev/net/tun')) return false;
  try {
    execFileSync('unshare', ['--net', '--mount', 'sh', '-c', 'ip link set lo up && python3 --version']);
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks a host 400 ms of round trip away that has an IPv4 and an IPv6 address, in a network namespace. What IPv6 is like
 * there: `swallowed` on the way (tried first then), or without a route although this host has an address (tried last, so
 * that IPv4 gets no more than an address's time).
 */
async function ask(ipv6: 'swallowed' | 'no route', flags: object) {
  const script = `
    set -e
    ip link set lo up
    python3 test/support/network/far-host.py 0.2 > "$LINE" &
    trap "kill $!" EXIT
    until grep -q ready "$LINE"; do sleep 0.05; done
    ${ipv6 === 'no route' ? 'ip -6 addr flush dev far; ip -6 addr add 2001:db8:1::1/128 dev far nodad' : ''}
    printf '127.0.0.1 localhost\\n2001:db8::2 far.test\\n10.9.0.2 far.test\\n' > "$HOSTS"
    mount --bind "$HOSTS" /etc/hosts
    "$NODE" --import tsx test/support/network/ask-once.ts http://far.test/x "$FLAGS"`;
  const folder = (await promisify(execFile)('mktemp', ['-d'])).stdout.trim();
  const { stdout } = await promisify(execFile)('unshare', ['--net', '--mount', 'sh', '-c', script], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      NODE: process.execPath,
      HOSTS: `${folder}/hosts`,
      LINE: `${folder}/line`,
      FLAGS: JSON.stringify(flags),
    },
  });
  return JSON.parse(stdout) as { readonly text: string; readonly failure?: unknown; readonly ms: number };
}

describe.skipIf(!canMakeNetworks())('a host 400 ms away whose IPv6 is dead', () => {
  test.each(['swallowed', 'no route'] as const)('is reached by IPv4 where IPv6 is %s', async (ipv6) => {
    expect(await ask(ipv6, {})).toMatchObject({ text: 'far\n' });
  });

  test('is reached without waiting for IPv6 with --ipv4', async () => {
    const { text, ms } = await ask('swallowed', { ipv4: true });
    expect(text).toBe('far\n');
    expect(ms).toBeLessThan(2_400);
  });
});
