import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { code, files, offending, root } from './import-graph.ts';

/** Where each package's code may be imported; replacing one is then a change in one place. Types pass everywhere. */
const doors: Readonly<Record<string, RegExp>> = {
  '@temporalio/activity': /^activities\/heartbeat\.ts$/,
  '@temporalio/client': /^(commands|runs|server|temporal)\//,
  '@temporalio/common': /^(activities|runs|server|workflows)\//,
  '@temporalio/envconfig': /^temporal\/connection-settings\.ts$/,
  '@temporalio/proto': /^(runs|temporal)\//,
  '@temporalio/testing': /^server\//,
  '@temporalio/worker': /^worker\.ts$|^temporal\//,
  '@temporalio/workflow': /^workflows\//,
  commander: /^commands\//,
  'log-update': /^terminal\/live-display\.ts$/,
  pako: /^activities\/.*encode-png\.ts$/,
  parse5: /^activities\/sources\/google-drive\/page\.ts$/,
  pino: /^logger\.ts$/,
  piscina: /^activities\/.*-pool\.ts$/,
  sharp: /^(activities\/png\/decode-photo\.ts|sample\/)/,
  undici: /^activities\/sources\/http\/client\.ts$/,
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
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // By name, not by import: one is asked for by `require`, only where it is needed.
  const goesThrough = (name: string, door: RegExp) =>
    name in dependencies && files.some((file) => door.test(file) && code(file).includes(`'${name}`));
  expect(Object.entries(doors).filter(([name, door]) => !goesThrough(name, door))).toEqual([]);
});
