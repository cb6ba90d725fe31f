import { createHmac } from 'node:crypto';

export interface WebhookRequest {
  headers: Record<string, string>;
  body: string;
}

/**
 * Makes one signed POST. The signature is hex(HMAC-SHA256(secret, `${timestamp}:${body}`)), the form that Grafana uses
 * with a timestamp header; receivers should refuse old timestamps.
 * @param options.secret null: the request is not signed
 * @param options.timestamp Unix seconds of this attempt
 */
export function webhookRequest(options: {
  payload: unknown;
  idempotency_key: string;
  secret: string | null;
  timestamp: number;
}): WebhookRequest {
  const body = JSON.stringify(options.payload);
  const timestamp = String(Math.floor(options.timestamp));
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'user-agent': 'seismolog',
    'idempotency-key': options.idempotency_key,
    'x-seismolog-timestamp': timestamp,
  };
  if (options.secret !== null) headers['x-seismolog-signature'] = sign(options.secret, timestamp, body);
  return { headers, body };
}

const sign = (secret: string, timestamp: string, body: string): string =>
  createHmac('sha256', secret).update(`${timestamp}:${body}`).digest('hex');
