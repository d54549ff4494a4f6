import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { thisProcess } from '../../src/process/process-ref.ts';
import { TEMPORAL_CLI_VERSION } from '../../src/server/cli/version.ts';
import { provideExecutable } from '../../src/server/executable.ts';
import type { Executable } from '../../src/server/look-for-executable.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ffhq-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cacheDir = (): string => join(folder, 'cache');
const cached = (): string => join(cacheDir(), 'temporal-cli', TEMPORAL_CLI_VERSION, 'temporal');

function script(path: string, body: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const says = (version: string): string => `echo "temporal version ${version} (Server 1.31.2, UI 2.50.1)"`;

/** A PATH that has only what the test puts there; nothing is downloaded through a proxy where nobody listens. */
async function provide(
  options: { readonly temporalCliPath?: string; readonly path?: string; readonly lines?: string[] } = {},
): Promise<{ made: Executable; lines: string[] }> {
  const { lines = [] } = options;
  const nowhere = 'http://127.0.0.1:9';
  const made = await provideExecutable({
    config: { temporalCliPath: options.temporalCliPath, cacheDir: cacheDir() },
    onLine: (line) => lines.push(line),
    env: {
      PATH: options.path ?? join(folder, 'bin'),
      HTTPS_PROXY: nowhere,
      https_proxy: nowhere,
      HTTP_PROXY: nowhere,
      http_proxy: nowhere,
      FFHQ_TEST_FOLDER: folder,
    },
  });
  return { made, lines };
}

/** Builds nothing: writes what a build would, to where it was told to. */
const FAKE_GO = `
if [ "$1" = version ]; then echo "go version go1.26.8 linux/amd64"; exit 0; fi
echo "$$ $PWD $GOMODCACHE $GOCACHE $CGO_ENABLED $GOFLAGS $*" >> "$FFHQ_TEST_FOLDER/builds"
/bin/mkdir -p "$GOMODCACHE/some" "$GOCACHE"
echo "go: downloading github.com/temporalio/cli v1.8.2" >&2
i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo "example.org/package/n$i" >&2; done
while [ "$1" != -o ]; do shift; done
printf '%s\\n' '#!/bin/sh' '${says(TEMPORAL_CLI_VERSION)}' > "$2"
/bin/chmod 755 "$2"
`;

test('an executable that the user names is used whatever its version, and one that is none is an error', async () => {
  const path = script(join(folder, 'mine'), says('1.5.1'));
  const { made, lines } = await provide({ temporalCliPath: path });
  expect(made).toEqual({ path, cliVersion: '1.5.1', serverVersion: '1.31.2' });
  expect(lines.join()).toContain('version 1.5.1 instead of');
  const broken = script(join(folder, 'broken'), 'echo no such thing; exit 3');
  await expect(provide({ temporalCliPath: broken })).rejects.toThrow(
    `TEMPORAL_CLI_PATH [file=${broken}]: expected a Temporal CLI, got no such thing`,
  );
  await expect(provide({ temporalCliPath: join(folder, 'absent') })).rejects.toThrow('ENOENT');
});

test('a temporal on PATH is used only in the pinned version; then comes the cache', async () => {
  const path = script(join(folder, 'bin/temporal'), says(TEMPORAL_CLI_VERSION));
  expect((await provide()).made.path).toBe(path);
  script(path, says('1.7.0'));
  script(cached(), says(TEMPORAL_CLI_VERSION));
  const { made, lines } = await provide();
  expect(made.path).toBe(cached());
  expect(lines).toEqual([
    `temporal on PATH [file=${path}]: expected version ${TEMPORAL_CLI_VERSION}, got 1.7.0`,
    expect.stringContaining(
      `[file=${cached()}]: not checked: its SHA-256 is not known here, and is noted now: `,
    ),
  ]);
  expect((await provide()).lines).toHaveLength(1);
});

test('a program where a command happens to be given is not found by a PATH with relative folders', async () => {
  script(join(folder, 'bin/temporal'), says(TEMPORAL_CLI_VERSION));
  script(cached(), says(TEMPORAL_CLI_VERSION));
  const { made } = await provide({ path: `${relative(process.cwd(), join(folder, 'bin'))}:.` });
  expect(made.path).toBe(cached());
});

test('an executable of the cache that is not the one that was put there is not run, this time or the next', async () => {
  script(join(folder, 'bin/go'), FAKE_GO);
  await provide();
  const note = readFileSync(`${cached()}.sha256`, 'utf8');
  const ran = join(folder, 'ran');
  script(cached(), `echo ran > ${ran}; ${says(TEMPORAL_CLI_VERSION)}`);
  rmSync(join(folder, 'bin/go'));
  for (const time of [1, 2]) {
    const lines: string[] = [];
    await expect(provide({ lines })).rejects.toThrow('expected one on PATH');
    const said = lines.find((line) => line.includes(cached()));
    expect(said, `time ${time}`).toMatch(
      /: expected SHA-256 [0-9a-f]{64}, as it was put there, got [0-9a-f]{64}$/,
    );
    expect(note).toContain(/SHA-256 (\w+),/.exec(said ?? '')?.[1]);
  }
  expect(existsSync(ran)).toBe(false);
  script(join(folder, 'bin/go'), FAKE_GO);
  expect((await provide()).made.path).toBe(cached());
  expect(existsSync(ran)).toBe(false);
});

test('an executable that was only touched or copied to another disk is read once and used', async () => {
  script(join(folder, 'bin/go'), FAKE_GO);
  await provide();
  const note = () => readFileSync(`${cached()}.sha256`, 'utf8').split('\n');
  const [identity, digest] = note();
  copyFileSync(cached(), `${cached()}.copy`);
  renameSync(`${cached()}.copy`, cached());
  expect((await provide()).made.path).toBe(cached());
  expect(note()[1]).toBe(digest);
  expect(note()[0]).not.toBe(identity);
});

test.each(['777', '775'])(
  'a cache that others could write to is closed, and what they can have written in it is not run (mode %s)',
  async (mode) => {
    const bits = Number.parseInt(mode, 8);
    script(join(folder, 'bin/go'), FAKE_GO);
    const ran = join(folder, 'ran');
    script(cached(), `echo ran > ${ran}; ${says(TEMPORAL_CLI_VERSION)}`);
    chmodSync(cached(), bits);
    const folders = [cacheDir(), join(cached(), '../..'), join(cached(), '..')];
    for (const one of folders) chmodSync(one, bits);
    const { made, lines } = await provide();
    expect(made.path).toBe(cached());
    expect(existsSync(ran)).toBe(false);
    expect(lines).toContain(
      `Temporal CLI in the cache [file=${cached()}]: expected one that only this user or root can have written, ` +
        `got one with mode ${mode}`,
    );
    for (const one of folders) expect(statSync(one).mode & 0o022).toBe(0);
    expect(statSync(cached()).mode & 0o777).toBe(0o755);
  },
);

test('an executable that a lax umask left in a folder of the user alone is believed', async () => {
  script(cached(), says(TEMPORAL_CLI_VERSION));
  chmodSync(cached(), 0o775);
  chmodSync(join(cached(), '../..'), 0o700);
  expect((await provide()).made.path).toBe(cached());
});

test.skipIf(process.geteuid?.() !== 0)(
  "another user's cache is refused, and another user's executable in one's own cache is not run",
  async () => {
    script(join(folder, 'bin/go'), FAKE_GO);
    const ran = join(folder, 'ran');
    script(cached(), `echo ran > ${ran}; ${says(TEMPORAL_CLI_VERSION)}`);
    chownSync(cached(), 12_345, 12_345);
    const { made, lines } = await provide();
    expect(made.path).toBe(cached());
    expect(lines.join()).toContain('got one of user 12345');
    for (const theirs of [join(cached(), '..'), join(cached(), '../..'), cacheDir()]) {
      chownSync(theirs, 12_345, 12_345);
      await expect(provide()).rejects.toThrow(
        `cache folder [${theirs}]: expected one that only user 0 or root can write to, got one of user 12345`,
      );
      chownSync(theirs, 0, 0);
    }
    expect(existsSync(ran)).toBe(false);
  },
);

test('without download it is built with Go, once for all who ask, and the gigabytes are removed', async () => {
  script(join(folder, 'bin/go'), FAKE_GO);
  const answers = await Promise.all([provide(), provide()]);
  for (const { made } of answers) expect(made.path).toBe(cached());
  const builds = readFileSync(join(folder, 'builds'), 'utf8').trim().split('\n');
  expect(builds).toHaveLength(1);
  expect(builds[0]).toMatch(/tools\/temporal-cli .* 0 -mod=readonly build -mod=readonly /);
  const lines = answers.flatMap((answer) => answer.lines);
  expect(lines.some((line) => line.startsWith("the release's download: "))).toBe(true);
  expect(lines).toContain('building Temporal CLI: 50 % (986 of about 1972 packages)');
  expect(readdirSync(join(cached(), '..')).sort()).toEqual(['temporal', 'temporal.sha256']);
  expect(statSync(join(cached(), '../temporal.sha256')).mode & 0o777).toBe(0o600);
});

test('a build that was killed is cleared away by the next; one that another host may be at is not', async () => {
  script(join(folder, 'bin/go'), FAKE_GO);
  const left = join(cached(), '../build-killed/modules');
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, '../owner.json'), JSON.stringify({ ...thisProcess(), boot: 'another' }));
  const others = join(cached(), '../build-of-another-host');
  mkdirSync(others, { recursive: true });
  writeFileSync(join(others, 'owner.json'), JSON.stringify({ ...thisProcess(), host: 'another' }));
  await provide();
  expect(existsSync(left)).toBe(false);
  expect(existsSync(others)).toBe(true);
});

test('when nothing works, each failure has its line and the error says what to install', async () => {
  const failure = 'go: download go1.26.4: no such toolchain';
  script(join(folder, 'bin/go'), `[ "$1" = version ] && exit 0; echo "${failure}" >&2; exit 1`);
  const lines: string[] = [];
  const asked = provideExecutable({
    config: { temporalCliPath: undefined, cacheDir: cacheDir() },
    onLine: (line) => lines.push(line),
    env: { PATH: join(folder, 'bin'), HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' },
  });
  await expect(asked).rejects.toThrow(/install Go 1\.26\.4|TEMPORAL_CLI_PATH/);
  expect(lines.filter((line) => !line.startsWith('building'))).toEqual([
    'temporal on PATH: none',
    `Temporal CLI in the cache [file=${cached()}]: none`,
    expect.stringMatching(/^the release's download: .*proxy/),
    `a build with Go: ${failure}`,
  ]);
  expect(readdirSync(join(cached(), '..'))).toEqual([]);
});

test('the pinned version is the one that the Go module builds', () => {
  const gomod = readFileSync(new URL('../../tools/temporal-cli/go.mod', import.meta.url), 'utf8');
  expect(gomod).toContain(`\tgithub.com/temporalio/cli v${TEMPORAL_CLI_VERSION} `);
});
