import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ReplacedFile } from '../../../src/activities/store/replaced-file.ts';
import { fillDisk, mayMount, smallDisk } from '../../support/disks/small-disk.ts';

test.skipIf(!mayMount())(
  'a text for which the disk has no room takes no file`s place (needs the right to mount)',
  async () => {
    const disk = smallDisk(1);
    const path = join(disk, 'report.json');
    writeFileSync(path, 'the last one');
    fillDisk(disk, 48 * 1024);
    const file = await ReplacedFile.begin(disk, 'report.json');
    await file.write('x'.repeat(60_000));
    await expect(file.replace()).rejects.toThrow(/ENOSPC/);
    await file.discard();
    expect(readFileSync(path, 'utf8')).toBe('the last one');
  },
);
