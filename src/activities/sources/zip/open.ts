import type { SourceRequest } from '../../../domain/run/request.ts';
import { type ArchiveTools, makeArchiveSource } from '../archive/archive-source.ts';
import type { Source } from '../contract/source.ts';

/** Members by the zip’s own directory. */
export function makeZip(request: SourceRequest, tools: ArchiveTools): Source {
  return makeArchiveSource('zip', request, tools);
}
