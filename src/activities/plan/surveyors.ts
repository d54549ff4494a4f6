import type { ImageKind, ShardKind } from '../../domain/kinds.ts';
import { readCropSummary } from '../manifest/crop-files.ts';
import { manifestLost } from '../records/line-cache.ts';
import type { ShardSurveyor } from './shard-survey.ts';
import { surveyFaces } from './survey-faces.ts';
import { surveyPictures } from './survey-pictures.ts';

/** The acting half of the kinds' table (`domain/kinds.ts`): how each kind that comes in shards is compared with the disk. */
export const surveyors: Readonly<Record<ShardKind, ShardSurveyor>> = {
  images: pictures('images'),
  thumbs: pictures('thumbs'),
  wilds: {
    ...pictures('wilds'),
    survey: async (question) => {
      if (!question.request.align?.discardOriginals) return surveyPictures(question);
      // What a picture was made of may be gone once that is done, whatever this run thinks of records.
      const request = { ...question.request, trust: 'records', fetch: 'nothing' } as const;
      const { done } = await surveyFaces({ ...question, request, kind: 'align' });
      return surveyPictures(question, done);
    },
  },
  align: {
    folders: async ({ crops }) => {
      const summary = crops === undefined ? undefined : await readCropSummary(crops);
      if (summary === undefined) throw manifestLost(crops ?? '', 'crops without a summary');
      return summary.folders;
    },
    survey: surveyFaces,
  },
};

function pictures(kind: ImageKind): ShardSurveyor {
  return {
    folders: async (_store, summary) => summary.kinds[kind].folders,
    survey: (question) => surveyPictures(question),
  };
}
