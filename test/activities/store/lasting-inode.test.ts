import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lastingInode } from '../../../src/activities/store/lasting-inode.ts';
import { cameraCard } from '../../support/disks/camera-card.ts';

test('a folder on a local disk is known by the inode of its .ffhq', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ffhq-test-inode-'));
  onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(join(root, '.ffhq'));
  expect(await lastingInode(root)).toBe(String((await stat(join(root, '.ffhq'))).ino));
});

test('a folder on a camera`s card, whose inode numbers are others after each mount, is known by none', async (context) => {
  const card = cameraCard();
  if (card === undefined) return context.skip();
  await mkdir(join(card.folder, '.ffhq'));
  expect(await lastingInode(card.folder)).toBeUndefined();
});
