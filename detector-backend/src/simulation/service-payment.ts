import { HOUR_S, line, podsOf, type ShopService } from './shop-catalog.ts';
import type { Draw } from './shop-draw.ts';

/** Python's logging with asctime. */
const python = (draw: Draw, logger: string, level: string, text: string): string =>
  `${draw.date_time()},${draw.millis()} - ${logger} - ${level} - ${text}`;

const charge = (draw: Draw): string => `ch_${draw.hex(14)}`;
const GATEWAYS = ['adyen', 'stripe', 'przelewy24'];

export const PAYMENT: ShopService = {
  service: 'payment',
  pods: podsOf('payment', 2),
  lines_per_second: 2,
  phase: 0.13,
  templates: [
    line(18, 'info', (d) =>
      python(
        d,
        'payment.gateway',
        'INFO',
        `charge ${charge(d)} authorised by ${d.pick(GATEWAYS)}, amount=${d.money()} EUR, took ${d.ms(180)} ms`,
      ),
    ),
    line(
      16,
      'info',
      (d) => python(d, 'payment.gateway', 'INFO', `charge ${charge(d)} captured, took ${d.ms(95)} ms`),
      0.15,
    ),
    line(
      2,
      'info',
      (d) =>
        python(
          d,
          'payment.gateway',
          'INFO',
          `charge ${charge(d)} queued for later capture, batch ${d.between(100, 999)}`,
        ),
      10,
    ),
    line(12, 'info', (d) =>
      python(
        d,
        'payment.fraud',
        'INFO',
        `risk score ${d.between(1, 60)} for charge ${charge(d)}, rules=${d.between(12, 18)}, took ${d.ms(22)} ms`,
      ),
    ),
    line(
      8,
      'info',
      (d) => python(d, 'payment.tokens', 'INFO', `card token tok_${d.hex(12)} resolved in ${d.ms(7)} ms`),
      0.2,
    ),
    line(6, 'info', (d) =>
      python(
        d,
        'payment.webhooks',
        'INFO',
        `webhook payment.${d.pick(['succeeded', 'updated'])} received, event evt_${d.hex(12)}`,
      ),
    ),
    line(
      4,
      'info',
      (d) =>
        python(
          d,
          'payment.three_ds',
          'INFO',
          `challenge for ${charge(d)} completed by customer in ${d.between(8, 70)} s`,
        ),
      5,
    ),
    line(2, 'info', (d) =>
      python(
        d,
        'payment.refunds',
        'INFO',
        `refund re_${d.hex(12)} of ${d.money()} EUR accepted, took ${d.ms(130)} ms`,
      ),
    ),
    line(2, 'debug', (d) =>
      python(
        d,
        'urllib3.connectionpool',
        'DEBUG',
        `https://api.gateway.example:443 "POST /v2/charges HTTP/1.1" 200 ${d.between(700, 1400)}`,
      ),
    ),
    line(0.9, 'warn', (d) =>
      python(
        d,
        'payment.gateway',
        'WARNING',
        `charge ${charge(d)} declined: ${d.pick(['insufficient_funds', 'card_expired', 'do_not_honour'])}`,
      ),
    ),
    line(
      0.4,
      'warn',
      (d) =>
        python(
          d,
          'payment.fraud',
          'WARNING',
          `charge ${charge(d)} sent to manual review, risk score ${d.between(80, 99)}`,
        ),
      4,
    ),
    line(0.2, 'error', (d) =>
      python(
        d,
        'payment.gateway',
        'ERROR',
        `gateway ${d.pick(GATEWAYS)} answered 503 for charge ${charge(d)}`,
      ),
    ),
    line(0.12, 'error', (d) =>
      python(
        d,
        'payment.webhooks',
        'ERROR',
        `signature of event evt_${d.hex(12)} does not match, body of ${d.between(300, 900)} bytes dropped`,
      ),
    ),
  ],
  routines: [
    {
      mode: 'random',
      every_s: 200,
      steps: [
        {
          after_s: 0,
          severity: 'warn',
          render: (d) =>
            `payment.gateway - WARNING - timeout after 2000 ms for charge ${charge(d)}, retry 1 of 2`,
        },
        {
          after_s: 2,
          severity: 'info',
          render: (d) => `payment.gateway - INFO - retry of charge ${charge(d)} succeeded`,
        },
      ],
    },
    {
      mode: 'clock',
      every_s: 900,
      steps: [
        {
          after_s: 0,
          severity: 'info',
          render: (d) =>
            `payment.settlement - INFO - settlement file batch-${d.between(10000, 99999)} uploaded: ${d.between(60, 300)} charges, ${d.money()} EUR`,
        },
      ],
    },
    {
      mode: 'clock',
      every_s: HOUR_S,
      steps: [
        {
          after_s: 0,
          severity: 'info',
          render: (d) => `payment.keys - INFO - access token of gateway ${d.pick(GATEWAYS)} renewed`,
        },
      ],
    },
    {
      mode: 'clock',
      every_s: 'day',
      steps: [
        {
          after_s: 0,
          severity: 'info',
          render: (d) =>
            `payment.settlement - INFO - reconciliation finished: ${d.between(6000, 9000)} charges matched, 0 open`,
        },
      ],
    },
  ],
  fresh_error: line(0, 'error', (d) =>
    python(
      d,
      'payment.gateway',
      'ERROR',
      `ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired (_ssl.c:1007), host api.gateway.example, charge ${charge(d)}`,
    ),
  ),
};
