import { expect, test } from 'vitest';
import { noticeHeaders } from '../../../src/activities/notices/sign-notice.ts';

test('a notice is signed as the specification of Standard Webhooks signs its own example', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const sent = noticeHeaders(
    secret,
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    '{"test": 2432232314}',
    1_614_265_330_000,
  );
  expect(sent).toEqual({
    'content-type': 'application/json',
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('any other text is the key itself', () => {
  const signed = (secret: string) => noticeHeaders(secret, 'id', '{}', 0)['webhook-signature'];
  expect(signed('correct horse battery')).not.toBe(signed('correct horse batterY'));
});
