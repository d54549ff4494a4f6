import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { imports, offending, root } from './import-graph.ts';

/** Where each package's code may be imported; replacing one is then a change in one place. Types pass everywhere. */
const doors: Readonly<Record<string, RegExp>> = {
  '@temporalio/activity': /^activities\/heartbeat\.ts$/,
  '@temporalio/client': /^(commands|runs|server|temporal)\//,
  '@temporalio/common': /^(activities|runs|server|workflows)\//,
  '@temporalio/envconfig': /^temporal\/connection-settings\.ts$/,
  '@temporalio/proto': /^(runs|temporal)\//,
  '@temporalio/worker': /^worker\.ts$|^temporal\//,
  '@temporalio/workflow': /^workflows\//,
  commander: /^commands\//,
  'google-auth-library': /^activities\/sources\/google-login\/google-library\.ts$/,
  'log-update': /^terminal\/door\.ts$/,
  pako: /^activities\/.*encode-png\.ts$/,
  parse5: /^activities\/sources\/google-drive\/page-elements\.ts$/,
  pino: /^logger\.ts$/,
  piscina: /^activities\/.*-pool\.ts$/,
  sharp: /^activities\/png\/decode-photo\.ts$/,
  undici: /^activities\/sources\/http\/connections\.ts$/,
};

test('each package has its own doors', () => {
  const isPackage = (to: string) => !to.startsWith('node:');
  expect(
    offending('', ({ to, isOwn, isTypeOnly }, file) =>
      isOwn || isTypeOnly || !isPackage(to) ? true : (doors[to]?.test(file) ?? false),
    ),
  ).toEqual([]);
});

test('each door is one that something goes through', () => {
  const values = [...imports].flatMap(([file, all]) =>
    all.filter(({ isTypeOnly }) => !isTypeOnly).map(({ to }) => ({ file, to })),
  );
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const closed = Object.entries(doors).filter(
    ([name, door]) =>
      !(name in dependencies) || !values.some(({ file, to }) => to === name && door.test(file)),
  );
  expect(closed.map(([name]) => name)).toEqual([]);
});
