import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { alignFlags, manifestFlags } from '../../support/arrived-files.ts';
import { serveFaces } from '../../support/datasets/serve-dataset.ts';
import { User } from '../../support/processes.ts';

/** A batch job's node: no route but loopback, and no rights that its user has not. */
const cutOff = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'];

const reason = (() => {
  try {
    execFileSync(cutOff[0] ?? '', [...cutOff.slice(1), 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no user may make a network of its own here: ${(error as Error).message.split('\n')[0]}`;
  }
})();

test('what a login node fetched and planned is aligned and verified where no route leads out', async ({
  skip,
}) => {
  skip(reason !== undefined, reason);
  const dataset = await serveFaces();
  const { drive, sample, out } = dataset;
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: drive.origin });
  try {
    const data = [...manifestFlags(sample), '--license-url', sample.licenseUrl, '--category', 'training'];
    const fetched = await user.run([
      'run',
      '--wilds',
      '--out',
      out,
      '--reserve',
      '0',
      ...data,
      '--pick',
      '3',
    ]);
    expect(fetched).toMatchObject({ code: 0 });
    const plan = join(user.folder, 'plan.json');
    const planned = await user.run(['run', ...alignFlags(out), ...data, '--pick', '3', '--plan', plan]);
    expect(planned.output).toMatch(/selection: --category training --pick 3 --seed 0: 3 of \d records/);
    expect(planned.output).toMatch(/requests: 0 to google-drive/);

    const requests = drive.requests.length;
    const where = ['--out', out, '--reserve', '0', '--align_threads', '1'];
    const aligned = await user.run(['run', '--apply', plan, ...where], {}, cutOff);
    expect(aligned).toMatchObject({ code: 0 });
    const verified = await user.run(['verify', ...where], {}, cutOff);
    expect(verified).toMatchObject({ code: 0 });
    expect(drive.requests.length).toBe(requests);

    const pictures = readdirSync(join(out, 'realign1024x1024'), { recursive: true }).map(String);
    expect(pictures.filter((name) => name.endsWith('.png'))).toHaveLength(3);
    expect(existsSync(join(out, 'realign1024x1024/LICENSE.txt'))).toBe(true);
  } finally {
    await dataset.close();
  }
}, 180_000);
