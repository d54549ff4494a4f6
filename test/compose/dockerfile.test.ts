import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './resolve-compose.ts';

/** Instructions with their continuation lines joined, comments left out. */
const instructions = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .split('\n')
  .filter((line) => !line.trimStart().startsWith('#'))
  .join('\n')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => ({ name: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));

const all = (name: string): string[] =>
  instructions.filter((one) => one.name === name).map(({ rest }) => rest);

const ignored = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

test('what the image is made from is in the repository, and is sent to Docker', () => {
  expect(ignored[0]).toBe('*');
  const sent = ignored.slice(1).map((line) => line.replace(/^!/, ''));
  const copied = all('COPY')
    .filter((rest) => !rest.startsWith('--from'))
    .flatMap((rest) => rest.split(' ').slice(0, -1));
  expect(copied.sort()).toEqual(sent.sort());
  for (const path of copied) expect(existsSync(join(root, path)), path).toBe(true);
});

test('the image has glibc and one Node that the package supports, by version and digest, and does not run as root', () => {
  const images = all('FROM').map((image) => image.replace(/ AS \w+$/, ''));
  for (const image of images) expect(image).toMatch(/^node:22\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/);
  expect(new Set(images).size).toBe(1);
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
  expect(last.filter(({ name }) => name === 'USER').map(({ rest }) => rest)).toEqual(['node']);
  const afterUser = last.slice(last.findIndex(({ name }) => name === 'USER'));
  expect(afterUser.some(({ name }) => name === 'RUN' || name === 'COPY')).toBe(false);
});

test('the package is installed as for all: its own command is on the PATH, and starts the worker', () => {
  const { name, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    bin: { ffhq: string };
  };
  expect(all('COPY').at(-1)).toBe(`--from=build /app /usr/local/lib/node_modules/${name}`);
  const program = join(root, bin.ffhq);
  expect(all('RUN').at(-1)).toBe(`ln -s ../lib/node_modules/${name}/${bin.ffhq} /usr/local/bin/ffhq`);
  expect(statSync(program).mode & 0o111).toBe(0o111);
  expect(readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(JSON.parse(all('ENTRYPOINT')[0] ?? '')).toEqual(['ffhq']);
  expect(JSON.parse(all('CMD')[0] ?? '')).toEqual(['worker']);
});

test.runIf(process.platform === 'linux')(
  'the one native part that is kept is the one that Linux loads',
  () => {
    const script = /node -p "([^"]+)"/.exec(all('RUN').join('\n'))?.[1] ?? '';
    const target = execFileSync(process.execPath, ['-p', script], { encoding: 'utf8' }).trim();
    expect(existsSync(join(root, `node_modules/@temporalio/core-bridge/releases/${target}/index.node`))).toBe(
      true,
    );
  },
);
