import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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

test('the image has glibc and a Node that the package supports, and does not run as root', () => {
  for (const image of all('FROM')) expect(image).toMatch(/^node:20-bookworm-slim( AS \w+)?$/);
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
  expect(last.filter(({ name }) => name === 'USER').map(({ rest }) => rest)).toEqual(['node']);
  const afterUser = last.slice(last.findIndex(({ name }) => name === 'USER'));
  expect(afterUser.some(({ name }) => name === 'RUN' || name === 'COPY')).toBe(false);
});

test('it starts the worker by the package’s own command', () => {
  const [entry] = all('ENTRYPOINT');
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: { ffhq: string } };
  expect(JSON.parse(entry ?? '')).toEqual(['node', `/app/${bin.ffhq}`]);
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
