import { createServer } from 'node:net';
import { Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import type { RunResult } from '../../src/domain/run/workflow-inputs.ts';
import { exitCodeOfEnd } from '../../src/runs/run-end.ts';
import type { RunEnd, RunSnapshot } from '../../src/runs/run-snapshot.ts';
import type { Display } from '../../src/terminal/display.ts';
import { watchRun } from '../../src/terminal/watch-run.ts';
import { runProgress, snapshot } from './snapshots.ts';

const result: RunResult = {
  status: 'complete',
  progress: runProgress({ stage: 'done' }),
  records: 1,
  report: '.ffhq/report.txt',
  foreignFiles: 0,
};

function recorder() {
  const said: string[] = [];
  const stages: (string | undefined)[] = [];
  const display: Display = {
    isLive: false,
    say: ({ event, state }) => void said.push(`${event} ${String(state)}`),
    show: ({ stage }) => void stages.push(stage),
    settle: () => void said.push('settled'),
  };
  return { display, said, stages };
}

/** The error of a real connection to a port where nobody answers. */
async function unreachable(): Promise<unknown> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
  try {
    await connection.withDeadline(Date.now() + 200, () => connection.workflowService.getSystemInfo({}));
  } catch (error) {
    return error;
  } finally {
    await connection.close();
  }
  throw new Error('expected no answer, got one');
}

function watching(
  looks: readonly (RunSnapshot | { readonly error: unknown })[],
  signal = new AbortController().signal,
) {
  const { display, said, stages } = recorder();
  const rest = [...looks];
  const ended = watchRun({
    observer: {
      look: async () => {
        const next = rest.length > 1 ? rest.shift() : rest[0];
        if (next === undefined || 'error' in next) throw next?.error;
        return next;
      },
    },
    end: async () => ({ status: 'completed', result }),
    display,
    signal,
    timingWindow: 5,
    everyMs: 1,
  });
  return { ended, said, stages };
}

test('a run is shown to its end, and the last thing shown is the end', async () => {
  const { ended, said, stages } = watching([snapshot({}), snapshot({ status: 'completed' })]);
  expect(await ended).toEqual({ status: 'completed', result });
  expect(stages).toEqual(['fetch', 'done']);
  expect(said).toEqual(['settled']);
});

test('a server that goes away is said once, and once when it is back', async () => {
  const error = await unreachable();
  const { ended, said } = watching([
    snapshot({}),
    { error },
    { error },
    { error },
    snapshot({}),
    snapshot({ status: 'completed' }),
  ]);
  await ended;
  expect(said).toEqual(['server lost', 'server back', 'settled']);
});

test('an error that waiting cannot cure ends the watching', async () => {
  const { ended, said } = watching([{ error: new TypeError('a defect') }]);
  await expect(ended).rejects.toThrow('a defect');
  expect(said).toEqual(['settled']);
});

test('the signal detaches at once, also while a look hangs', async () => {
  const { display, said } = recorder();
  const stop = new AbortController();
  const ended = watchRun({
    observer: { look: () => new Promise(() => {}) },
    end: () => Promise.reject(new Error('not asked')),
    display,
    signal: stop.signal,
    timingWindow: 5,
  });
  stop.abort();
  expect(await ended).toEqual({ status: 'detached' });
  expect(said).toEqual(['settled']);
});

test('the end is seen when it comes, not at the next look; nobody is asked for it any more then', async () => {
  const { display, stages } = recorder();
  const looks = [snapshot({}), snapshot({ status: 'completed' })];
  let close = () => {};
  const closed = new Promise<void>((done) => {
    close = done;
  });
  let asked: AbortSignal | undefined;
  const ended = watchRun({
    observer: {
      look: async () => {
        const seen = looks.shift() as RunSnapshot;
        if (seen.status === 'running') setImmediate(close);
        return seen;
      },
    },
    end: async () => ({ status: 'completed', result }),
    closed: (signal) => {
      asked = signal;
      return closed;
    },
    display,
    signal: new AbortController().signal,
    timingWindow: 5,
    everyMs: 3_600_000,
  });
  expect(await ended).toEqual({ status: 'completed', result });
  expect(stages).toEqual(['fetch', 'done']);
  expect(asked?.aborted).toBe(true);
});

test.each<[RunEnd, number]>([
  [{ status: 'completed', result }, 0],
  [{ status: 'completed', result: { ...result, status: 'complete with failures' } }, 3],
  [{ status: 'cancelled' }, 4],
  [{ status: 'terminated', message: '' }, 4],
  [{ status: 'failed', type: 'Input.Manifest', message: '' }, 2],
  [{ status: 'failed', type: 'Store.Owned', message: '' }, 2],
  [{ status: 'failed', type: 'TypeError', message: '' }, 1],
  [{ status: 'failed', type: undefined, message: '' }, 1],
  [{ status: 'timed out' }, 1],
])('every end has its exit code: %o', (end, code) => {
  expect(exitCodeOfEnd(end)).toBe(code);
});
