import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { webhookRequest } from './webhook-request.ts';

const options = {
  payload: { summary: 'größer als 5 €' },
  idempotency_key: 'a.b.c.opened',
  secret: 'a secret key',
  timestamp: 1767614400.9,
};

it('signs `timestamp:body` so that a receiver can verify it', () => {
  const { headers, body } = webhookRequest(options);
  expect(headers).toEqual({
    'content-type': 'application/json',
    'user-agent': 'seismolog',
    'idempotency-key': 'a.b.c.opened',
    'x-seismolog-timestamp': '1767614400',
    'x-seismolog-signature': createHmac('sha256', 'a secret key').update(`1767614400:${body}`).digest('hex'),
  });
  expect(JSON.parse(body)).toEqual(options.payload);
});

it('changes the signature but never the idempotency key with time', () => {
  const first = webhookRequest(options).headers;
  const second = webhookRequest({ ...options, timestamp: options.timestamp + 60 }).headers;
  expect(second['idempotency-key']).toBe(first['idempotency-key']);
  expect(second['x-seismolog-signature']).not.toBe(first['x-seismolog-signature']);
});

it('is not signed without a secret', () => {
  expect(webhookRequest({ ...options, secret: null }).headers).not.toHaveProperty('x-seismolog-signature');
});
