import type { SourceRequest } from '../../../domain/run/request.ts';
import { makeArchiveSource } from '../archive/archive-source.ts';
import type { Source } from '../contract/source.ts';
import type { SourceTools } from '../http/source-tools.ts';

/** Members by an index of the headers, which is made once. */
export function makeTar(request: SourceRequest, tools: SourceTools): Source {
  return makeArchiveSource('tar', request, tools);
}
