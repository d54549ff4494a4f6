import { expect, test, vi } from 'vitest';
import { emptyTally, type Wait } from '../../../src/domain/run/progress.ts';
import type { BuildDatasetInput } from '../../../src/domain/run/workflow-inputs.ts';
import { buildDataset } from '../../../src/workflows/build-dataset.ts';
import { childWaitsSignal, progressQuery } from '../../../src/workflows/contract/messages.ts';

/** A Workflow Task's order of things: Signals come before the word that a child was started, where both are in it. */
const { handlers, started } = vi.hoisted(() => ({
  handlers: new Map<unknown, (...args: unknown[]) => unknown>(),
  started: [] as { readonly id: string; readonly say: (child: object) => void }[],
}));

vi.mock('@temporalio/workflow', async (importOriginal) => {
  const forever = new Promise<never>(() => {});
  const scope = {
    run: (work: () => Promise<unknown>) => work(),
    cancel: () => {},
    consideredCancelled: false,
  };
  return {
    ...(await importOriginal<object>()),
    CancellationScope: Object.assign(
      function Scope() {
        return scope;
      },
      { current: () => scope, nonCancellable: (work: () => Promise<unknown>) => work() },
    ),
    workflowInfo: () => ({
      workflowId: 'run',
      historyLength: 1,
      runStartTime: new Date(0),
    }),
    setHandler: (about: unknown, handler: (...args: unknown[]) => unknown) => handlers.set(about, handler),
    condition: () => forever,
    setCurrentDetails: () => {},
    log: { warn: () => {} },
    startChild: (_type: string, { workflowId }: { readonly workflowId: string }) =>
      new Promise((say) => started.push({ id: workflowId, say })),
  };
});

const input = {
  store: { path: '/out', id: 'a-store' },
  request: { kinds: ['thumbs'], source: { name: 'google-drive' } },
  searchAttributes: false,
  state: {
    run: 'a-run',
    paused: false,
    manifest: { records: 1, md5: '0'.repeat(32), bytes: 1 },
    shardCount: 1,
    pending: [{ kind: 'thumbs', folder: '00000', files: 1, bytes: 1, doneFiles: 0, doneBytes: 0 }],
    largeFiles: [],
    kinds: { thumbs: { ...emptyTally, files: 1, bytes: 1 } },
  },
} as unknown as BuildDatasetInput;

test('what a child waits for is heard, though it comes before the word that the child was started', async () => {
  void buildDataset(input);
  await vi.waitFor(() => expect(started).toHaveLength(1));
  const [child] = started;
  const at = new Date().toISOString();
  const wait: Wait = { what: 'every file of Google Drive', reason: 'blocked', until: at, since: at };
  const call = (about: unknown, ...args: unknown[]) => {
    const handler = handlers.get(about);
    if (handler === undefined) throw new Error('expected a handler');
    return handler(...args);
  };
  call(childWaitsSignal, { name: child?.id, at: Date.now(), wait });
  call(childWaitsSignal, { name: 'run/thumbs/99000', at: Date.now(), wait: { ...wait, what: 'a stranger' } });
  child?.say({ workflowId: child.id, signal: async () => {}, result: () => new Promise(() => {}) });
  await vi.waitFor(() => expect(call(progressQuery)).toMatchObject({ children: [child?.id], waits: [wait] }));
});
