import { HOUR_S, line, podsOf, type ShopService } from './shop-catalog.ts';
import type { Draw } from './shop-draw.ts';

/** glog, as Go services write it. */
const glog = (draw: Draw, level: 'I' | 'W' | 'E', file: string, text: string): string => {
  const time = draw.date_time();
  return `${level}${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11)}.${draw.millis()}000       1 ${file}] ${text}`;
};

const WAREHOUSES = ['WAW1', 'POZ2', 'BER1', 'PRG1'];

export const INVENTORY: ShopService = {
  service: 'inventory',
  pods: podsOf('inventory', 2),
  lines_per_second: 2.6,
  phase: 0.1,
  templates: [
    line(18, 'info', (d) =>
      glog(
        d,
        'I',
        'reserve.go:142',
        `reserved ${d.between(1, 4)} of ${d.sku()} in ${d.pick(WAREHOUSES)} for ORD-${d.between(100000, 999999)}, took ${d.ms(9)}ms`,
      ),
    ),
    line(
      16,
      'info',
      (d) =>
        glog(
          d,
          'I',
          'stock.go:77',
          `stock of ${d.sku()} in ${d.pick(WAREHOUSES)} is ${d.between(0, 900)} (replica), took ${d.ms(3)}ms`,
        ),
      0.1,
    ),
    line(
      2,
      'info',
      (d) => glog(d, 'I', 'stock.go:91', `stock of ${d.sku()} read from primary, replica lag ${d.ms(40)}ms`),
      12,
    ),
    line(9, 'info', (d) =>
      glog(d, 'I', 'commit.go:58', `reservation ${d.hex(12)} committed, took ${d.ms(6)}ms`),
    ),
    line(
      5,
      'info',
      (d) =>
        glog(
          d,
          'I',
          'release.go:33',
          `reservation ${d.hex(12)} released: ${d.pick(['expired', 'cancelled'])}`,
        ),
      4,
    ),
    line(6, 'info', (d) =>
      glog(
        d,
        'I',
        'consumer.go:201',
        `consumed offset ${d.between(1000000, 9999999)} of topic stock-moves partition ${d.between(0, 5)}`,
      ),
    ),
    line(3, 'info', (d) =>
      glog(d, 'I', 'restock.go:64', `restocked ${d.between(10, 400)} of ${d.sku()} in ${d.pick(WAREHOUSES)}`),
    ),
    line(2, 'info', (d) =>
      glog(
        d,
        'I',
        'grpc.go:310',
        `/inventory.v1.Stock/Watch stream closed after ${d.between(20, 600)}s, ${d.between(4, 90)} messages`,
      ),
    ),
    line(0.8, 'warn', (d) =>
      glog(d, 'W', 'reserve.go:160', `only ${d.between(0, 3)} of ${d.sku()} left in ${d.pick(WAREHOUSES)}`),
    ),
    line(
      0.5,
      'warn',
      (d) =>
        glog(
          d,
          'W',
          'consumer.go:240',
          `lag of partition ${d.between(0, 5)} is ${d.between(200, 900)} messages`,
        ),
      5,
    ),
    line(0.2, 'error', (d) =>
      glog(
        d,
        'E',
        'reserve.go:171',
        `reservation for ORD-${d.between(100000, 999999)} failed: serialization failure, giving up after 3 attempts`,
      ),
    ),
    line(0.12, 'error', (d) =>
      glog(
        d,
        'E',
        'grpc.go:333',
        `rpc error: code = Unavailable desc = transport is closing, peer ${d.pod_ip()}:50051`,
      ),
    ),
  ],
  routines: [
    {
      mode: 'clock',
      every_s: 300,
      steps: [
        { after_s: 0, severity: 'info', render: (d) => `sync.go:45] warehouse sync ${d.hex(6)} started` },
        {
          after_s: 6,
          severity: 'info',
          render: (d) =>
            `sync.go:88] warehouse sync ${d.hex(6)} finished: ${d.between(3000, 5000)} positions, ${d.between(0, 12)} corrected`,
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
            `consumer.go:268] rebalance of group inventory, generation ${d.between(100, 400)}, now ${d.between(2, 4)} members`,
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
            `count.go:120] stock-taking snapshot ${d.hex(8)} written, ${d.between(8900, 9000)} articles`,
        },
      ],
    },
  ],
  fresh_error: line(0, 'error', (d) =>
    glog(
      d,
      'E',
      'migrate.go:19',
      `pq: column "reserved_until" of relation "reservations" does not exist, statement reserve_v4, order ORD-${d.between(100000, 999999)}`,
    ),
  ),
};
