import { basename } from 'node:path';
import type { StoreRef } from '../domain/run/request.ts';

/** One folder, one run: the folder's name for people, the store's id so that no two folders share it. */
export function workflowIdOf(store: StoreRef): string {
  const name = basename(store.path)
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .slice(0, 60);
  return `ffhq-${name === '' ? 'root' : name}-${shortStoreId(store)}`;
}

/** The Task Queue of a sample's own worker, which alone knows where the sample's files are served. */
export function sampleTaskQueueOf(store: StoreRef): string {
  return `ffhq-sample-${shortStoreId(store)}`;
}

function shortStoreId(store: StoreRef): string {
  return store.id.slice(0, 8);
}
