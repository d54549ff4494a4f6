import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { tableOf } from '../../bench/chaos/figures/result.ts';
import { runChaos } from '../../bench/chaos/run-chaos.ts';

test('twenty kills among stopped processes, cut networks, full disks, jumping clocks and a lying origin: no file is wrong, none is lost, no command lies', async () => {
  const seed = Number(process.env.FFHQ_TEST_SEED ?? Date.now() % 1_000_000);
  console.log(`faults of seed ${seed} (FFHQ_TEST_SEED=${seed} repeats them)`);
  const collectionFolder = mkdtempSync(join(tmpdir(), 'ffhq-test-chaos-'));
  onTestFinished(() => rmSync(collectionFolder, { recursive: true, force: true }));
  const lines: string[] = [];
  onTestFailed(() => console.log(lines.join('\n')));

  const result = await runChaos({
    kills: 20,
    seed,
    amounts: { faces: 6, pictures: 150, archiveBytes: 3 * 1024 ** 2 },
    secondsAFile: 8,
    patienceSeconds: 5,
    collectionFolder,
    log: (line) => lines.push(line),
  });
  console.log(tableOf(result));
  expect(result.violations).toEqual([]);
  expect(result.faults.kill).toBe(20);
}, 600_000);
