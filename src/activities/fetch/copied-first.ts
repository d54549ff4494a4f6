import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { Source } from '../sources/contract/source.ts';
import { makeFolder } from '../sources/index.ts';

/** Files of the dataset folder that others may be copied of. */
export interface Copies {
  /** Paths of files there that hold the same bytes as this one; those that are not there are passed over. */
  readonly of: (spec: FileSpec) => Promise<readonly string[]>;
  /** Paths of the files whose last bytes came of one; kept up to date. */
  readonly copied: Set<string>;
}

/**
 * Copies a file of another one in the dataset folder; `open`'s source, opened only then, gives the others, and hears only of
 * those: what a bad copy costs is held against nobody.
 */
export function copiedFirst(
  storePath: string,
  { of, copied }: Copies,
  open: () => Promise<Source>,
): () => Promise<Source> {
  let opening: Promise<Source> | undefined;
  let inner: Source | undefined;
  return async () => {
    const folder = await makeFolder(storePath);
    return {
      name: folder.name,
      async open(spec, range, signal) {
        for (const path of await of(spec)) {
          const opened = await folder.open({ ...spec, path }, range, signal);
          if (opened.status !== 'opened') continue;
          copied.add(spec.path);
          return opened;
        }
        copied.delete(spec.path);
        opening ??= open();
        inner = await opening;
        const opened = await inner.open(spec, range, signal);
        return opened.status === 'opened' ? { source: inner.name, ...opened } : opened;
      },
      judged: (spec, verdict) =>
        (copied.has(spec.path) ? undefined : inner?.judged?.(spec, verdict)) ?? {
          hasAnother: false,
          said: '',
        },
    };
  };
}
