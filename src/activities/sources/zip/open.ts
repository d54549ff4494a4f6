import type { SourceRequest } from '../../../domain/run/request.ts';
import { makeArchiveSource } from '../archive/archive-source.ts';
import type { Source } from '../contract/source.ts';
import type { SourceTools } from '../http/source-tools.ts';

/** Members by the zip’s own directory. */
export function makeZip(request: SourceRequest, tools: SourceTools): Source {
  return makeArchiveSource('zip', request, tools);
}
