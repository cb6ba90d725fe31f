import { HOUR_S, line, podsOf, type ShopService } from './shop-catalog.ts';
import type { Draw } from './shop-draw.ts';

/** Serilog's console form, as .NET services write it. */
const serilog = (draw: Draw, level: string, text: string): string =>
  `[${draw.date_time().slice(11)} ${level}] ${text}`;

const parcel = (draw: Draw): string => `PL${draw.between(10000000, 99999999)}`;
const CARRIERS = ['DHL', 'InPost', 'DPD', 'GLS'];

export const SHIPPING: ShopService = {
  service: 'shipping',
  pods: podsOf('shipping', 2),
  lines_per_second: 1.4,
  phase: 0.2,
  templates: [
    line(14, 'info', (d) =>
      serilog(
        d,
        'INF',
        `Shipping.LabelService: Label for parcel ${parcel(d)} created by ${d.pick(CARRIERS)} in ${d.ms(310)} ms`,
      ),
    ),
    line(
      12,
      'info',
      (d) =>
        serilog(
          d,
          'INF',
          `Shipping.Tracking: Parcel ${parcel(d)} is now ${d.pick(['accepted', 'in_transit', 'out_for_delivery', 'delivered'])}`,
        ),
      0.3,
    ),
    line(10, 'info', (d) =>
      serilog(
        d,
        'INF',
        `Shipping.RateCalculator: Quoted ${d.money()} EUR for ${d.between(1, 30)} kg to zone ${d.between(1, 6)} in ${d.ms(24)} ms`,
      ),
    ),
    line(
      6,
      'info',
      (d) =>
        serilog(
          d,
          'INF',
          `Shipping.Pickup: Pickup ${d.hex(8)} booked with ${d.pick(CARRIERS)} for ${d.between(4, 60)} parcels in ${d.ms(150)} ms`,
        ),
      0.1,
    ),
    line(
      0.8,
      'info',
      (d) =>
        serilog(
          d,
          'INF',
          `Shipping.Pickup: Pickup ${d.hex(8)} moved to next slot, window ${d.between(8, 18)}:00`,
        ),
      20,
    ),
    line(6, 'info', (d) => serilog(d, 'INF', `Shipping.Events: Published ShipmentCreated ${d.uuid()}`)),
    line(4, 'info', (d) =>
      serilog(
        d,
        'INF',
        `Microsoft.AspNetCore.Hosting: Request finished HTTP/2 GET /shipments/${d.between(100000, 999999)} - 200 in ${d.ms(16)} ms`,
      ),
    ),
    line(3, 'debug', (d) =>
      serilog(d, 'DBG', `Shipping.Cache: Zone table ${d.between(1, 6)} taken from memory`),
    ),
    line(1.5, 'info', (d) =>
      serilog(d, 'INF', `Shipping.Returns: Return of order ORD-${d.between(100000, 999999)} announced`),
    ),
    line(0.5, 'warn', (d) =>
      serilog(
        d,
        'WRN',
        `Shipping.LabelService: ${d.pick(CARRIERS)} answered slowly, ${d.ms(2400, 0.15)} ms for parcel ${parcel(d)}`,
      ),
    ),
    line(
      0.3,
      'warn',
      (d) =>
        serilog(
          d,
          'WRN',
          `Shipping.Tracking: Unknown status code ${d.between(40, 70)} for parcel ${parcel(d)} ignored`,
        ),
      6,
    ),
    line(0.15, 'error', (d) =>
      serilog(
        d,
        'ERR',
        `Shipping.LabelService: Label for parcel ${parcel(d)} refused: postal code does not fit country`,
      ),
    ),
    line(0.08, 'error', (d) =>
      serilog(
        d,
        'ERR',
        `Shipping.Events: Publishing ${d.uuid()} failed: broker ${d.pod_ip()}:5672 closed the channel`,
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
          render: (d) =>
            `[job INF] Shipping.StatusPoller: Polled ${d.between(200, 900)} parcels in ${d.ms(5200, 0.1)} ms`,
        },
      ],
    },
    {
      mode: 'random',
      every_s: 900,
      steps: [
        {
          after_s: 0,
          severity: 'warn',
          render: (d) =>
            `[job WRN] Polly: Circuit for carrier ${d.pick(CARRIERS)} half-open after ${d.between(5, 9)} failures`,
        },
        {
          after_s: 5,
          severity: 'info',
          render: (d) => `[job INF] Polly: Circuit for carrier ${d.pick(CARRIERS)} closed`,
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
            `[job INF] Shipping.Manifest: Manifest ${d.hex(8)} handed to ${d.pick(CARRIERS)}, ${d.between(60, 400)} parcels`,
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
          render: (d) => `[job INF] Shipping.Tariffs: Tariff tables of ${d.between(4, 5)} carriers refreshed`,
        },
      ],
    },
  ],
  fresh_error: line(0, 'error', (d) =>
    serilog(
      d,
      'ERR',
      `Shipping.LabelService: System.FormatException: The input string 'PL-${d.between(1000, 9999)}' was not in a correct format. Parcel ${parcel(d)}, carrier API version 2026-02`,
    ),
  ),
};
