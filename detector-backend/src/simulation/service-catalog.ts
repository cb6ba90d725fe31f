import { HOUR_S, line, podsOf, type ShopService } from './shop-catalog.ts';
import type { Draw } from './shop-draw.ts';

const logfmt = (draw: Draw, level: string, text: string): string =>
  `level=${level} ${text} request_id=${draw.hex(16)}`;

const INDEXES = ['products_v3', 'suggest_v2', 'prices_v3'];

export const CATALOG: ShopService = {
  service: 'catalog',
  pods: podsOf('catalog', 2),
  lines_per_second: 5,
  phase: 0.04,
  templates: [
    line(
      30,
      'info',
      (d) =>
        logfmt(
          d,
          'info',
          `msg="product served" product=${d.between(1000, 9999)} cache=hit took=${d.ms(3)}ms`,
        ),
      0.1,
    ),
    line(
      6,
      'info',
      (d) =>
        logfmt(
          d,
          'info',
          `msg="product loaded" product=${d.between(1000, 9999)} cache=miss store=postgres took=${d.ms(21)}ms`,
        ),
      6,
    ),
    line(14, 'info', (d) =>
      logfmt(d, 'info', `msg="search done" query="${d.hex(6)}" hits=${d.between(0, 400)} took=${d.ms(34)}ms`),
    ),
    line(12, 'info', (d) =>
      logfmt(
        d,
        'info',
        `msg="category listed" category=${d.between(10, 60)} page=${d.between(1, 9)} items=${d.between(4, 48)} took=${d.ms(17)}ms`,
      ),
    ),
    line(8, 'info', (d) =>
      logfmt(d, 'info', `msg="prices resolved" count=${d.between(1, 48)} currency=EUR took=${d.ms(6)}ms`),
    ),
    line(
      5,
      'info',
      (d) => logfmt(d, 'info', `msg="suggestions served" prefix="${d.hex(3)}" took=${d.ms(8)}ms`),
      0.3,
    ),
    line(
      4,
      'debug',
      (d) =>
        logfmt(
          d,
          'debug',
          `msg="connection taken from pool" pool=postgres in_use=${d.between(1, 12)} idle=${d.between(3, 10)}`,
        ),
      3,
    ),
    line(2, 'info', (d) =>
      logfmt(d, 'info', `msg="price cache refreshed" entries=${d.between(8000, 9000)} took=${d.ms(240)}ms`),
    ),
    line(2, 'info', (d) =>
      logfmt(
        d,
        'info',
        `msg="image variants listed" product=${d.between(1000, 9999)} variants=${d.between(2, 9)}`,
      ),
    ),
    line(0.8, 'warn', (d) =>
      logfmt(d, 'warn', `msg="slow query" statement=products_by_category took=${d.ms(900, 0.2)}ms`),
    ),
    line(0.5, 'warn', (d) =>
      logfmt(
        d,
        'warn',
        `msg="search shard did not answer in time, partial result" index=${d.pick(INDEXES)} shard=${d.between(0, 4)}`,
      ),
    ),
    line(0.2, 'error', (d) =>
      logfmt(
        d,
        'error',
        `msg="search failed" index=${d.pick(INDEXES)} error="connection reset by peer" peer=${d.pod_ip()}:9200`,
      ),
    ),
    line(0.15, 'error', (d) =>
      logfmt(
        d,
        'error',
        `msg="product not readable" product=${d.between(1000, 9999)} error="statement timeout"`,
      ),
    ),
  ],
  routines: [
    {
      mode: 'clock',
      every_s: 300,
      steps: [
        {
          after_s: 0,
          severity: 'info',
          render: (d) => `level=info msg="delta indexing started" job=delta-${d.hex(6)}`,
        },
        {
          after_s: 4,
          severity: 'info',
          render: (d) =>
            `level=info msg="delta indexing finished" job=delta-${d.hex(6)} documents=${d.between(20, 400)} took=${d.ms(3800, 0.1)}ms`,
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
            `level=info msg="index merged" index=${d.pick(INDEXES)} segments_before=${d.between(14, 30)} segments_after=${d.between(4, 8)}`,
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
            `level=info msg="full catalogue exported to partners" products=${d.between(8900, 9000)} file=export-${d.hex(8)}.xml`,
        },
      ],
    },
  ],
  fresh_error: line(0, 'error', (d) =>
    logfmt(
      d,
      'error',
      `msg="panic recovered in handler" handler=GetProduct panic="runtime error: index out of range [${d.between(3, 8)}] with length 3" product=${d.between(1000, 9999)}`,
    ),
  ),
};
