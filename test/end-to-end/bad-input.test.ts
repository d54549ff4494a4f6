import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { filesUnder, flagsFor } from '../support/arrived-files.ts';
import { type ServedDataset, serveDataset } from '../support/datasets/serve-dataset.ts';
import { User } from '../support/processes.ts';

async function dataset(records = 3): Promise<ServedDataset> {
  const served = await serveDataset({ records });
  onTestFinished(() => served.close());
  return served;
}

test('what cannot be done as asked is refused with exit code 2, and says what was expected', async () => {
  const served = await dataset();
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: served.drive.origin });
  const file = join(user.folder, 'a-file');
  writeFileSync(file, 'not a folder');
  const out = ['--out', join(user.folder, 'out')];
  const refusals: readonly [words: readonly string[], says: readonly string[]][] = [
    [
      ['run', '--imagse', ...out],
      ['--imagse', '--images'],
    ],
    [
      ['run', ...out],
      ['--images', '--thumbs', '--sample'],
    ],
    [
      ['run', '-t', '--num_threads', 'many', ...out],
      ['--num_threads', 'many'],
    ],
    [['run', '-t', '--out', join(file, 'below')], [join(file, 'below')]],
    [['run', '-t', '--out', '/proc/ffhq'], ['/proc/ffhq']],
    [['status', ...out], [join(user.folder, 'out')]],
    [['report', ...out], ['report.txt']],
    [['verify', ...out], ['store.json']],
    [
      ['run', '-t', '--manifest', 'ftp://there/m.json', ...out],
      ['--manifest', 'ftp'],
    ],
  ];
  const ends = await Promise.all(refusals.map(([words]) => user.run(words)));
  for (const [at, { code, output }] of ends.entries()) {
    expect(code, output).toBe(2);
    for (const word of refusals[at]?.[1] ?? []) expect(output).toContain(word);
    expect(output).not.toContain('    at ');
  }
  expect(served.drive.requests).toEqual([]);
  expect(user.processes()).toEqual([]);
}, 120_000);

test('flags that npm kept for itself are noticed, and the right command is spelled out', async () => {
  const user = await User.make();
  const npm = { npm_lifecycle_event: 'start', npm_config_sample: 'true' };
  const { code, output } = await user.run(['run'], npm);
  expect(code, output).toBe(2);
  expect(output).toContain('npm start -- --sample');
});

test('a server that cannot be reached is exit code 6, and its address is named', async () => {
  const served = await dataset();
  const user = await User.make();
  const address = '127.0.0.1:9';
  const byFlag = await user.run(['list', '--address', address]);
  expect(byFlag.code, byFlag.output).toBe(6);
  expect(byFlag.output).toContain(address);
  const bySetting = await user.run(['run', ...flagsFor(served)], { TEMPORAL_ADDRESS: address });
  expect(bySetting.code, bySetting.output).toBe(6);
  expect(bySetting.output).toContain(address);
  expect(user.processes()).toEqual([]);
});

test('a damaged manifest is refused at the place of its damage and changes nothing in the folder', async () => {
  const served = await dataset();
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: served.drive.origin });
  const first = await user.run(['run', ...flagsFor(served)]);
  expect(first.code, first.output).toBe(0);
  const picturesAndManifest = () =>
    filesUnder(served.out)
      .filter((path) => !path.startsWith('.ffhq/'))
      .map((path) => [path, readFileSync(join(served.out, path), 'base64')]);
  const before = picturesAndManifest();
  const text = readFileSync(served.sample.manifestPath, 'utf8');
  const damaged = {
    truncated: text.slice(0, text.length >> 1),
    'not-json': '<!DOCTYPE html><html><body>Sign in</body></html>',
    'bad-field': text.replace(/"file_md5": ?"[0-9a-f]{32}"/, '"file_md5": "no digest"'),
    'climbing-path': text.replace('images1024x1024/00000/00000.png', 'images1024x1024/../../00000.png'),
  };
  const says = {
    truncated: /truncated\.json/,
    'not-json': /not-json\.json.*(JSON|<)/s,
    'bad-field': /file_md5/,
    'climbing-path': /file_path/,
  };
  for (const [name, content] of Object.entries(damaged)) {
    const path = join(user.folder, `${name}.json`);
    writeFileSync(path, content);
    const end = await user.run([
      'run',
      '-i',
      '-t',
      '-w',
      '--out',
      served.out,
      '--manifest',
      path,
      '--reserve',
      '0',
    ]);
    expect(end.code, end.output).toBe(2);
    expect(end.output).toMatch(says[name as keyof typeof says]);
  }
  expect(picturesAndManifest()).toEqual(before);
  expect(user.processes()).toEqual([]);
}, 240_000);

test('an origin that answers HTML for every picture is a list of failures, not the end of the run', async () => {
  const served = await dataset();
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: served.drive.origin });
  for (const { filePath } of served.sample.files.values()) {
    if (filePath.endsWith('.png')) served.drive.behave(served.idOf(filePath), { kind: 'unknown-page' });
  }
  const command = ['run', ...flagsFor(served), '--num_attempts', '2'];
  const end = await user.run(command);
  expect(end.code, end.output).toBe(3);
  expect(end.output).toContain('completed with 9 failures');
  const report = JSON.parse(readFileSync(join(served.out, '.ffhq/report.json'), 'utf8'));
  expect(report.failures).toHaveLength(9);
  for (const failure of report.failures) expect(failure).toMatchObject({ attempts: 2 });
  expect(filesUnder(served.out).filter((path) => /\.png/.test(path))).toEqual([]);

  for (const { filePath } of served.sample.files.values())
    served.drive.behave(served.idOf(filePath), undefined);
  const cured = await user.run(command);
  expect(cured.code, cured.output).toBe(0);
}, 240_000);

test('a disk that is too small is refused before the first picture, with the numbers', async () => {
  const served = await dataset();
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: served.drive.origin });
  mkdirSync(served.out);
  const end = await user.run(['run', ...flagsFor(served), '--reserve', '900TiB']);
  expect(end.code, end.output).toBe(2);
  expect(end.output).toMatch(/expected \d+ bytes free beside the reserve of 989560464998400 .*got \d+/);
  expect(filesUnder(served.out).filter((path) => path.endsWith('.png'))).toEqual([]);
}, 120_000);
