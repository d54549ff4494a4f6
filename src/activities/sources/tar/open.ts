import type { SourceRequest } from '../../../domain/run/request.ts';
import { type ArchiveTools, makeArchiveSource } from '../archive/archive-source.ts';
import type { Source } from '../contract/source.ts';

/** Members by an index of the headers, which is made once. */
export function makeTar(request: SourceRequest, tools: ArchiveTools): Source {
  return makeArchiveSource('tar', request, tools);
}
