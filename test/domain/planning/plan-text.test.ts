import { expect, test } from 'vitest';
import { planFromKnownTotals } from '../../../src/domain/planning/plan-text.ts';
import { requestOf } from '../../support/request-of.ts';

const space = { freeBytes: 0, reserveBytes: 0 };

test('without a manifest at hand only the records that are asked for are counted', () => {
  const request = requestOf({
    ...{
      kinds: ['images', 'thumbs', 'tfrecords'],
      manifest: { name: 'official' },
      license: { name: 'none' },
    },
    ids: '0-9,69999-70005',
    idsOf: { thumbs: '5' },
  });
  const [, images, thumbs, tfrecords] = planFromKnownTotals(request, space).kinds;
  expect(images).toMatchObject({ files: 11, bytes: Math.round((95_700_000_000 * 11) / 70_000) });
  expect(thumbs).toMatchObject({ files: 1, bytes: Math.round(2_094_000_000 / 70_000) });
  expect(tfrecords).toMatchObject({ files: 9, bytes: 293_636_770_000 });
});
