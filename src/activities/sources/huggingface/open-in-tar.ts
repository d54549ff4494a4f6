import { type FileSpec, inAnyEncoding, mostBytes } from '../../../domain/dataset/file-spec.ts';
import { fileName } from '../../../domain/dataset/plain-path.ts';
import { type SourceFailureReason, sourceFailure } from '../../../domain/failure/source-failure.ts';
import type { Access, Failed } from '../archive/access.ts';
import type { TarStreams } from '../archive/tar-stream.ts';
import type { OpenedFile } from '../contract/source.ts';
import { boundBody } from '../http/file-body.ts';

/** Opens a picture that is a member of a tar, as a lossless WebP: whole, from its beginning, whatever part was asked for. */
export async function openInTar(
  streams: TarStreams,
  access: Access,
  file: FileSpec,
  signal: AbortSignal,
): Promise<OpenedFile | Failed> {
  const failed = (reason: SourceFailureReason, got: string): Failed => ({
    status: 'failed',
    failure: sourceFailure(reason, `open [file=${file.path}]: ${got}`),
  });
  if (file.accepts !== 'pixels')
    return failed(
      'missing',
      'expected a source of the very file, got one of WebPs: --accept pixels takes them',
    );
  const name = fileName(file.path).replace(/\.png$/, '.webp');
  const taken = await streams.take([name], access, signal);
  if (taken === 'not there')
    return failed('missing', `expected ${name} in ${access.name}, got no such member`);
  if (taken.status === 'failed') return taken;
  const most = mostBytes(file);
  if (taken.size > most) {
    for await (const _ of taken.body) break;
    return failed('oversized-body', `expected at most ${most} bytes of any encoding, got ${taken.size}`);
  }
  const body = boundBody(taken.body, inAnyEncoding(file), { from: 0, bytes: taken.size });
  return { status: 'opened', form: 'pixels', from: 0, body };
}
