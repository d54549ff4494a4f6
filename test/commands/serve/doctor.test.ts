import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import checkTemporalServer from '../../../src/doctor/checks/temporal-server.ts';
import { kinds } from '../../../src/domain/kinds.ts';
import { startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import type { ConnectionFlags } from '../../../src/temporal/connection.ts';
import { questionOf } from '../../doctor/question.ts';
import { hangDisk, mayHang } from '../../support/disks/hung-disk.ts';
import { beyondPrintable } from '../../support/hostile-text.ts';
import { type Ended, User, within } from '../../support/processes.ts';

/** A user to whom Drive gives its licence text. */
async function userOfDrive(env: Readonly<Record<string, string>> = {}): Promise<User> {
  const license = fileOfBytes(Buffer.alloc(1610, 'l'), { name: 'LICENSE.txt' });
  const drive = await startDriveStandIn({ files: new Map([[kinds.images.license, license]]) });
  onTestFinished(() => drive.close());
  return User.make({ FFHQ_GOOGLE_ORIGIN: drive.origin, ...env });
}

/** By check, how it went; of several of one name the last. */
function statuses({ output }: Ended): Record<string, string> {
  const lines = output.split('\n').map((line) => /^(OK|note|PROBLEM) +(\S+(?: \S+)*) {2,}(.*)/.exec(line));
  return Object.fromEntries(lines.flatMap((match) => (match ? [[match[2], match[1]]] : [])));
}

test('on a machine that is well each check has a line, the exit code is 0, and nothing was made', async () => {
  const user = await userOfDrive();
  const before = readdirSync(user.folder, { recursive: true });
  const ended = await user.run(['doctor', '--out', 'out']);
  expect(ended.output).not.toMatch(beyondPrintable);
  expect(statuses(ended)).toMatchObject({
    'Node.js': 'OK',
    sharp: 'OK',
    'writing there': 'OK',
    'state folder': 'OK',
    'cache folder': 'OK',
    'IPv4 and IPv6': 'OK',
    'source google-drive': 'OK',
    'Google sign-in': 'OK',
    'Temporal CLI': 'OK',
    'Temporal server': 'OK',
    clock: 'OK',
  });
  expect([ended.code, ended.output.trimEnd().split('\n').at(-1)]).toEqual([0, 'no problem']);
  expect(readdirSync(user.folder, { recursive: true })).toEqual(before);
});

test('a server is asked for its namespace, its search attributes and its workers, and none is started', async () => {
  const user = await userOfDrive();
  const address = inject('temporalAddress');
  const words = ['--output', 'json', '--task-queue', 'of-nobody', '--address', address];
  const { code, output } = await user.run(['doctor', '--out', 'out', ...words]);
  const events = output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const checks = events.filter(({ event }) => event === 'check');
  for (const check of checks)
    expect(Object.keys(check)).toEqual(['event', 'check', 'status', 'found', 'todo', 'at']);
  const byCheck = Object.fromEntries(checks.map(({ check, status }) => [check, status]));
  expect(byCheck).toMatchObject({ 'Temporal server': 'ok', 'search attributes': 'ok', workers: 'note' });
  expect(events.at(-1)).toMatchObject({ event: 'doctor', problems: 0, exitCode: 0 });
  expect(code).toBe(0);
  expect(user.server()).toBeUndefined();
});

test('a server that is away, and one without the namespace, are problems with what to do', async () => {
  const askedFor = async (connection: ConnectionFlags) =>
    (await checkTemporalServer(questionOf({ connection }))).findings;
  expect(await askedFor({ address: '127.0.0.1:9' })).toEqual([
    expect.objectContaining({ check: 'Temporal server', status: 'problem' }),
  ]);
  expect(await askedFor({ address: inject('temporalAddress'), namespace: 'not-there' })).toEqual([
    expect.objectContaining({
      status: 'problem',
      found: expect.stringContaining('namespace not-there to exist'),
      todo: expect.stringContaining('--namespace'),
    }),
  ]);
});

test('a CA file and a program that never answer are told, Ctrl-C does not wait for them, and nothing of them is left', async () => {
  const user = await userOfDrive({ TEMPORAL_CLI_PATH: '' });
  const pipe = join(user.folder, 'ca\u001b[2J.pem');
  execFileSync('mkfifo', [pipe]);
  const bin = join(user.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'temporal'), '#!/bin/sh\nexec sleep 600\n');
  chmodSync(join(bin, 'temporal'), 0o755);
  const doctor = ['doctor', '--out', 'out', '--ca-file', pipe];
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const ended = await user.run(doctor, env);
  expect(ended.output.slice(ended.output.indexOf('.pem\n'))).not.toMatch(beyondPrintable);
  expect(statuses(ended)).toMatchObject({
    'CA certificates': 'PROBLEM',
    'Temporal CLI': 'note',
    'source google-drive': 'OK',
  });
  expect(ended.code).toBe(2);
  const interrupted = user.start(doctor, env);
  await interrupted.says(/OK +Node/);
  interrupted.signal('SIGINT');
  expect((await within(interrupted.ended, 'an end after Ctrl-C')).code).toBe(130);
  expect(user.processes()).toEqual([]);
});

test.skipIf(!mayHang())(
  'disks that do not answer are told, each by its name, and the command ends',
  async () => {
    const user = await userOfDrive({ TEMPORAL_CLI_PATH: '' });
    const hung = join(user.folder, 'hung');
    hangDisk(hung);
    const env = {
      XDG_STATE_HOME: join(hung, 'state'),
      XDG_CACHE_HOME: join(hung, 'cache'),
      FFHQ_COOKIES: join(hung, 'cookies.txt'),
      TEMPORAL_CONFIG_FILE: join(hung, 'temporal.toml'),
      PATH: `${hung}:${process.env.PATH}`,
    };
    const words = ['--out', join(hung, 'out'), '--ca-file', join(hung, 'ca.pem')];
    const ended = await user.run(['doctor', ...words, '--source-path', join(hung, 'copy')], env);
    const silent = [
      'CA certificates',
      'dataset folder',
      'state folder',
      'cache folder',
      'source local-dir',
      'credentials',
    ];
    expect(statuses(ended)).toMatchObject(
      Object.fromEntries([...silent, 'Temporal CLI', 'Temporal server'].map((check) => [check, 'PROBLEM'])),
    );
    expect(statuses(ended)).toMatchObject({ 'Node.js': 'OK', proxy: 'note', 'Google Drive': 'OK' });
    expect(ended.code).toBe(2);
  },
);
