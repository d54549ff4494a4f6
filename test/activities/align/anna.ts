import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import type { Folder } from '../../../src/domain/dataset/ids.ts';
import type { AlignRequest } from '../../../src/domain/run/request.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import { attempts } from '../../crash-states/judge/attempts.ts';
import { newWorker, Threads } from '../../crash-states/judge/worker-activities.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { requestOf } from '../../support/request-of.ts';

const face = Array.from({ length: 68 }, (_, at) => [100 + at, 100 + ((at * 7) % 60)]);

/** A photograph of one face, and the Activities that align it. */
export class Anna {
  readonly root: string;
  readonly out: string;
  /** Where her aligned picture lies. */
  readonly picture: string;
  readonly #threads = new Threads();

  private constructor(root: string) {
    this.root = root;
    this.out = join(root, 'out');
    this.picture = join(this.out, 'aligned/anna_0.png');
  }

  static async make(): Promise<Anna> {
    const root = await mkdtemp(join(tmpdir(), 'ffhq-test-anna-'));
    await mkdir(join(root, 'photos'));
    const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
    await sharp({ create: { width: 300, height: 300, channels: 3, background: 'teal', noise } })
      .png()
      .toFile(join(root, 'photos/anna.png'));
    return new Anna(root);
  }

  async close(): Promise<void> {
    await this.#threads.close();
    await rm(this.root, { recursive: true });
  }

  /** Aligns her face, before which as many others are numbered. */
  async align(
    facesBefore: number,
    options: Partial<AlignRequest['options']> = {},
    fetch: 'missing' | 'nothing' = 'missing',
  ) {
    const landmarks = join(this.root, 'faces.json');
    const others = facesBefore === 0 ? {} : { 'crowd.png': Array(facesBefore).fill(face) };
    await writeFile(landmarks, JSON.stringify({ ...others, 'anna.png': [face] }));
    const photos = join(this.root, 'photos');
    const context: RunContext = {
      store: await ensureStore(this.out),
      owner: { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' },
      run: `with-${facesBefore}`,
      request: requestOf({
        kinds: ['align'],
        manifest: { name: 'photos', folder: photos, landmarks },
        license: { name: 'none' },
        fetch,
        align: {
          ...alignByDefault,
          options: { ...alignByDefault.options, ...options },
          folder: 'aligned',
          sourceDir: photos,
        },
      }),
    };
    const { activities, close } = newWorker(this.out, 'http://127.0.0.1:1', this.#threads);
    try {
      await attempts('claimStore', activities.claimStore, { ...context, takeOver: false });
      const { md5: manifestMd5 } = await attempts('planPhotos', activities.planPhotos, context);
      const folder = (facesBefore < 1000 ? '00000' : '01000') as Folder;
      const files = { kind: 'align', folder, ids: String(facesBefore), manifestMd5 } as const;
      const result = await attempts('alignBundle', activities.alignBundle, { ...context, files });
      const question = { ...context, kind: 'align', folder, manifestMd5, settledIds: '' } as const;
      const plan = await attempts('planShard', activities.planShard, {
        ...question,
        request: { ...context.request, ids: String(facesBefore) },
      });
      return { tally: result.tally, left: plan.bundles.length };
    } finally {
      await close();
    }
  }
}
