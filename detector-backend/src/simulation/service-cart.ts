import { HOUR_S, line, podsOf, type ShopService } from './shop-catalog.ts';
import type { Draw } from './shop-draw.ts';

/** Structured JSON logging, the fields in a fixed order. */
const json = (draw: Draw, level: string, event: string, fields: string): string =>
  `{"level":"${level}","logger":"cart","event":"${event}","trace":"${draw.hex(16)}",${fields}}`;

const cart = (draw: Draw): string => `"cart":"c-${draw.hex(10)}"`;

export const CART: ShopService = {
  service: 'cart',
  pods: podsOf('cart', 2),
  lines_per_second: 3.2,
  phase: 0.08,
  templates: [
    line(
      24,
      'info',
      (d) =>
        json(
          d,
          'info',
          'cart_read',
          `${cart(d)},"items":${d.between(0, 14)},"store":"redis","took":"${d.ms(4)}ms"`,
        ),
      0.1,
    ),
    line(
      2,
      'info',
      (d) =>
        json(
          d,
          'info',
          'cart_restored',
          `${cart(d)},"items":${d.between(1, 14)},"store":"postgres","took":"${d.ms(28)}ms"`,
        ),
      12,
    ),
    line(15, 'info', (d) =>
      json(
        d,
        'info',
        'item_added',
        `${cart(d)},"sku":"${d.sku()}","quantity":${d.between(1, 4)},"took":"${d.ms(9)}ms"`,
      ),
    ),
    line(5, 'info', (d) =>
      json(d, 'info', 'item_removed', `${cart(d)},"sku":"${d.sku()}","took":"${d.ms(8)}ms"`),
    ),
    line(4, 'info', (d) =>
      json(
        d,
        'info',
        'quantity_changed',
        `${cart(d)},"sku":"${d.sku()}","from":${d.between(1, 4)},"to":${d.between(1, 4)},"took":"${d.ms(8)}ms"`,
      ),
    ),
    line(8, 'info', (d) =>
      json(
        d,
        'info',
        'totals_computed',
        `${cart(d)},"net":${d.money()},"gross":${d.money()},"took":"${d.ms(12)}ms"`,
      ),
    ),
    line(
      3,
      'info',
      (d) =>
        json(
          d,
          'info',
          'voucher_applied',
          `${cart(d)},"voucher":"V${d.between(1000, 9999)}","rebate":${d.money()}`,
        ),
      0.1,
    ),
    line(3, 'info', (d) =>
      json(d, 'info', 'cart_created', `${cart(d)},"customer":${d.between(10000, 99999)}`),
    ),
    line(3, 'info', (d) =>
      json(
        d,
        'info',
        'cart_handed_over',
        `${cart(d)},"order":"ORD-${d.between(100000, 999999)}","took":"${d.ms(35)}ms"`,
      ),
    ),
    line(1.5, 'info', (d) =>
      json(d, 'info', 'cart_expired', `${cart(d)},"idle_minutes":${d.between(60, 90)}`),
    ),
    line(0.8, 'warn', (d) =>
      json(
        d,
        'warn',
        'voucher_refused',
        `${cart(d)},"voucher":"V${d.between(1000, 9999)}","reason":"expired"`,
      ),
    ),
    line(
      0.5,
      'warn',
      (d) =>
        json(
          d,
          'warn',
          'price_changed_since_added',
          `${cart(d)},"sku":"${d.sku()}","old":${d.money()},"new":${d.money()}`,
        ),
      6,
    ),
    line(0.2, 'error', (d) =>
      json(
        d,
        'error',
        'store_unavailable',
        `${cart(d)},"store":"redis","error":"read ECONNRESET ${d.pod_ip()}:6379"`,
      ),
    ),
    line(0.12, 'error', (d) =>
      json(d, 'error', 'write_conflict', `${cart(d)},"version":${d.between(2, 40)},"attempts":5`),
    ),
  ],
  routines: [
    {
      mode: 'clock',
      every_s: 600,
      steps: [
        {
          after_s: 0,
          severity: 'info',
          render: (d) =>
            json(
              d,
              'info',
              'sweep_finished',
              `"scanned":${d.between(4000, 9000)},"expired":${d.between(30, 200)},"took":"${d.ms(640, 0.1)}ms"`,
            ),
        },
      ],
    },
    {
      mode: 'random',
      every_s: HOUR_S,
      steps: [
        {
          after_s: 0,
          severity: 'warn',
          render: (d) =>
            json(
              d,
              'warn',
              'cart_merged_after_login',
              `${cart(d)},"merged":"c-${d.hex(10)}","items":${d.between(2, 20)}`,
            ),
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
            json(
              d,
              'info',
              'snapshot_written',
              `"carts":${d.between(20000, 30000)},"bytes":${d.between(4000000, 5000000)}`,
            ),
        },
      ],
    },
  ],
  fresh_error: line(0, 'error', (d) =>
    json(
      d,
      'error',
      'deserialisation_failed',
      `${cart(d)},"error":"Unexpected token u in JSON at position ${d.between(0, 3)}","schema":"cart/7"`,
    ),
  ),
};
