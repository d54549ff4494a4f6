import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectClient, settingsForAddress } from '../../../src/temporal/connection.ts';
import { alignFlags, manifestFlags } from '../../support/arrived-files.ts';
import { serveFaces } from '../../support/datasets/serve-dataset.ts';
import { hangDisk, mayHang } from '../../support/disks/hung-disk.ts';
import { eventually } from '../../support/eventually.ts';
import { PATIENCE_MS, User, within } from '../../support/processes.ts';

test.skipIf(!mayHang())(
  'while a disk does not answer, heartbeats go on and Ctrl-C ends the command',
  async () => {
    const dataset = await serveFaces();
    onTestFinished(() => dataset.close());
    const { sample, out } = dataset;
    const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
    const command = ['run', '--wilds', ...alignFlags(out), ...manifestFlags(sample), '--license-url', 'none'];
    hangDisk(join(out, 'realign1024x1024/00000'));
    const started = user.start(command);
    const [, workflowId = ''] = await started.says(/run started: (\S+)/);
    await eventually('a look at the disk that hangs', () => isHeld(started.pid), PATIENCE_MS);

    const address = `127.0.0.1:${user.server()?.port}`;
    const { client, connection } = await connectClient({
      ...settingsForAddress(address, 'default'),
      configured: true,
    });
    onTestFinished(() => connection.close());
    const lastHeartbeat = async () => {
      const { raw } = await client.workflow.getHandle(workflowId).describe();
      const [activity] = raw.pendingActivities ?? [];
      return `${activity?.lastHeartbeatTime?.seconds}.${activity?.lastHeartbeatTime?.nanos}`;
    };
    const first = await lastHeartbeat();
    await eventually('a later heartbeat', async () => (await lastHeartbeat()) !== first);
    expect(isHeld(started.pid)).toBe(true);

    started.signal('SIGINT');
    const end = await within(started.ended, 'an end after Ctrl-C');
    expect(end.output).toContain('the run goes on when the command is given again');
    // Held by the disk to the last, it is ended from beside.
    expect([end.code, end.signal]).toEqual([null, 'SIGKILL']);
  },
  240_000,
);

/** Does a thread of the process wait for a file system in user space? */
function isHeld(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).some((task) => {
    try {
      return /^(request_wait_answer|fuse_)/.test(readFileSync(`/proc/${pid}/task/${task}/wchan`, 'utf8'));
    } catch {
      return false;
    }
  });
}
