import type { Random } from './random.ts';

/** What a log template may fill its gaps with: every value comes from the seeded stream of its service and second. */
export interface Draw {
  /** Uniform integer in [low, high]. */
  between(low: number, high: number): number;
  /** One of the list. */
  pick<T>(list: readonly T[]): T;
  /** Duration in whole ms, >= 1: lognormal around `median`, times the latency factor of the moment. */
  ms(median: number, sigma?: number): number;
  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string;
  uuid(): string;
  /** Address of a customer, from the ranges kept for documentation (RFC 5737). */
  client_ip(): string;
  /** Address inside the cluster. */
  pod_ip(): string;
  /** Amount of money with two decimals. */
  money(): string;
  sku(): string;
  /** Time of the line in UTC: `2026-01-05 04:10:00`. */
  date_time(): string;
  /** Time of the line the way nginx writes it: `05/Jan/2026:04:10:00 +0000`. */
  access_time(): string;
  /** Milliseconds of the line's time, three digits. */
  millis(): string;
}

/** A draw together with the moment it stands at. */
export interface MovableDraw extends Draw {
  moveTo(at_ms: number, latency_factor: number): void;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const money = (random: Random): string =>
  `${3 + random.int(240)}.${random.int(100).toString().padStart(2, '0')}`;

const accessTime = (date_time: string): string => {
  const month = MONTHS[Number(date_time.slice(5, 7)) - 1];
  return `${date_time.slice(8, 10)}/${month}/${date_time.slice(0, 4)}:${date_time.slice(11)} +0000`;
};

/** A draw over `random`. Formatted seconds are kept until the second changes: dates cost more than all other gaps. */
export function createDraw(random: Random): MovableDraw {
  let at = 0;
  let latency = 1;
  let second = Number.NaN;
  let date_time = '';
  const hex8 = (): string => random.bits().toString(16).padStart(8, '0');
  const hex = (digits: number): string => {
    let text = hex8();
    while (text.length < digits) text += hex8();
    return text.slice(0, digits);
  };
  const dateTime = (): string => {
    const current = Math.floor(at / 1000);
    if (current !== second) {
      second = current;
      date_time = new Date(current * 1000).toISOString().slice(0, 19).replace('T', ' ');
    }
    return date_time;
  };
  return {
    moveTo(at_ms, latency_factor) {
      at = at_ms;
      latency = latency_factor;
    },
    between: (low, high) => low + random.int(high - low + 1),
    pick: (list) => list[random.int(list.length)] as (typeof list)[number],
    ms: (median, sigma = 0.45) =>
      Math.max(1, Math.round(median * latency * Math.exp(sigma * random.normal()))),
    hex,
    uuid: () => `${hex8()}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    client_ip: () => `${random.next() < 0.5 ? '203.0.113' : '198.51.100'}.${1 + random.int(254)}`,
    pod_ip: () => `10.42.${random.int(4)}.${2 + random.int(250)}`,
    money: () => money(random),
    sku: () => `SKU-${10000 + random.int(9000)}`,
    date_time: dateTime,
    access_time: () => accessTime(dateTime()),
    millis: () => (at % 1000).toString().padStart(3, '0'),
  };
}
