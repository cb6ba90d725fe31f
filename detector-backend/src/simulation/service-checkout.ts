import { HOUR_S, line, podsOf, type ShopService } from './shop-catalog.ts';
import type { Draw } from './shop-draw.ts';

/** Spring Boot with a shortened logger name. */
const java = (draw: Draw, level: string, logger: string, text: string): string =>
  `${draw.date_time()}.${draw.millis()} ${level} [worker-${draw.between(1, 8)}] c.s.checkout.${logger} - ${text}`;

const order = (draw: Draw): string => `ORD-${draw.between(100000, 999999)}`;

export const CHECKOUT: ShopService = {
  service: 'checkout',
  pods: podsOf('checkout', 2),
  lines_per_second: 2.4,
  phase: 0.12,
  templates: [
    line(14, 'info', (d) =>
      java(
        d,
        'INFO ',
        'OrderService',
        `Order ${order(d)} placed by customer ${d.between(10000, 99999)}: ${d.between(1, 9)} items, ${d.money()} EUR in ${d.ms(140)} ms`,
      ),
    ),
    line(
      14,
      'info',
      (d) => java(d, 'INFO ', 'StockClient', `Reserved stock for ${order(d)} in ${d.ms(32)} ms`),
      0.1,
    ),
    line(
      1,
      'info',
      (d) =>
        java(
          d,
          'INFO ',
          'StockClient',
          `Deferred stock reservation of ${order(d)} to queue stock-later, depth ${d.between(1, 30)}`,
        ),
      18,
    ),
    line(14, 'info', (d) =>
      java(
        d,
        'INFO ',
        'PaymentClient',
        `Payment of ${order(d)} accepted by gateway, reference ${d.hex(12)}, ${d.ms(180)} ms`,
      ),
    ),
    line(12, 'info', (d) => java(d, 'INFO ', 'OrderStateMachine', `${order(d)}: CREATED -> PAID`)),
    line(10, 'info', (d) => java(d, 'INFO ', 'OrderStateMachine', `${order(d)}: PAID -> HANDED_OVER`)),
    line(8, 'info', (d) =>
      java(
        d,
        'INFO ',
        'AddressValidator',
        `Address ${d.between(10000, 99999)} normalised, country ${d.pick(['PL', 'DE', 'CZ', 'FR'])}, ${d.ms(11)} ms`,
      ),
    ),
    line(
      8,
      'debug',
      (d) =>
        java(
          d,
          'DEBUG',
          'TaxService',
          `Tax for ${order(d)}: ${d.money()} at ${d.pick(['8', '19', '23'])} percent`,
        ),
      0.2,
    ),
    line(6, 'info', (d) =>
      java(d, 'INFO ', 'MailPublisher', `Queued confirmation mail ${d.uuid()} for ${order(d)}`),
    ),
    line(3, 'info', (d) =>
      java(
        d,
        'INFO ',
        'OrderService',
        `Order ${order(d)} abandoned at step ${d.pick(['address', 'delivery', 'payment'])} after ${d.between(40, 900)} s`,
      ),
    ),
    line(0.9, 'warn', (d) =>
      java(
        d,
        'WARN ',
        'PaymentClient',
        `Payment of ${order(d)} declined: ${d.pick(['insufficient_funds', 'card_expired', 'do_not_honour'])}`,
      ),
    ),
    line(
      0.4,
      'warn',
      (d) =>
        java(
          d,
          'WARN ',
          'HikariMonitor',
          `Connection acquisition took ${d.ms(700, 0.2)} ms, active ${d.between(8, 10)} of 10`,
        ),
      8,
    ),
    line(0.2, 'error', (d) =>
      java(
        d,
        'ERROR',
        'OrderService',
        `Order ${order(d)} failed: java.net.SocketTimeoutException: Read timed out\n\tat java.net.SocketInputStream.read(SocketInputStream.java:${d.between(150, 152)})\n\tat c.s.checkout.StockClient.reserve(StockClient.java:88)`,
      ),
    ),
    line(0.15, 'error', (d) =>
      java(
        d,
        'ERROR',
        'OrderStateMachine',
        `${order(d)}: transition PAID -> PAID refused, message ${d.uuid()} delivered twice`,
      ),
    ),
  ],
  routines: [
    {
      mode: 'random',
      every_s: 240,
      steps: [
        {
          after_s: 0,
          severity: 'warn',
          render: (d) =>
            `WARN [retry-1] c.s.checkout.StockClient - Attempt 1 of 3 for ${order(d)} failed: Connection reset, next in 1 s`,
        },
        {
          after_s: 1,
          severity: 'warn',
          render: (d) =>
            `WARN [retry-1] c.s.checkout.StockClient - Attempt 2 of 3 for ${order(d)} failed: Connection reset, next in 2 s`,
        },
        {
          after_s: 3,
          severity: 'info',
          render: (d) => `INFO [retry-1] c.s.checkout.StockClient - Attempt 3 of 3 for ${order(d)} succeeded`,
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
          render: (d) =>
            `INFO [scheduler-1] c.s.checkout.OutboxCleaner - Removed ${d.between(900, 4000)} delivered messages in ${d.ms(420, 0.1)} ms`,
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
            `INFO [scheduler-1] c.s.checkout.LedgerReport - Daily ledger closed: ${d.between(7000, 9000)} orders, checksum ${d.hex(16)}`,
        },
      ],
    },
  ],
  fresh_error: line(0, 'error', (d) =>
    java(
      d,
      'ERROR',
      'VoucherEngine',
      `Unhandled exception for ${order(d)}: java.lang.NullPointerException: Cannot invoke "Campaign.getRules()" because "campaign" is null\n\tat c.s.checkout.VoucherEngine.apply(VoucherEngine.java:${d.between(61, 63)})`,
    ),
  ),
};
