import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { buildExecutable } from '../../../src/server/cli/build-executable.ts';

function hasGo(): boolean {
  try {
    return /go1\.(2[6-9]|[3-9]\d)/.test(execFileSync('go', ['version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

/** Answers for every module, each with a go.mod of its own making. */
async function hostileProxy(): Promise<{ readonly origin: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const [, name, version, kind] = /^\/(.+)\/@v\/(.+)\.(mod|info|zip)$/.exec(url) ?? [];
    if (kind === 'mod') response.end(`module ${name}\n\nrequire example.org/evil v1.0.0\n`);
    else response.end(JSON.stringify({ Version: version, Time: '2026-01-01T00:00:00Z' }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test.runIf(hasGo())(
  'a build takes no module that go.sum does not have, whatever the environment permits',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ffhq-go-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { origin, asked } = await hostileProxy();
    const settings = join(folder, 'settings');
    const flags = `-mod=mod -modfile=${join(folder, 'evil.mod')}`;
    writeFileSync(settings, `GOFLAGS=${flags}\nGOSUMDB=off\nGONOSUMDB=*\n`);
    writeFileSync(join(folder, 'evil.mod'), 'module temporal-cli\n');
    const failure = await buildExecutable({
      target: join(folder, 'temporal'),
      env: {
        ...process.env,
        GOENV: settings,
        GOPROXY: origin,
        GOFLAGS: flags,
        GOSUMDB: 'off',
        GONOSUMDB: '*',
        GONOSUMCHECK: '1',
        GOINSECURE: '*',
        GOPRIVATE: '',
      },
      onLine: () => {},
    });
    expect(asked.length).toBeGreaterThan(0);
    expect(failure).toContain('checksum mismatch');
    expect(existsSync(join(folder, 'temporal'))).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['evil.mod', 'settings']);
  },
);
