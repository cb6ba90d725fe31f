import { HOUR_S, line, podsOf, type ShopService } from './shop-catalog.ts';
import type { Draw } from './shop-draw.ts';

const CATEGORIES = ['shoes', 'garden', 'books', 'kitchen', 'toys', 'music'];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0',
];

/** nginx "combined" with the request time and the upstream's answer time behind it. */
const access = (draw: Draw, request: string, status: number, bytes: number, median_ms: number): string =>
  `${draw.client_ip()} - - [${draw.access_time()}] "${request} HTTP/1.1" ${status} ${bytes} "-" "${draw.pick(AGENTS)}" took ${draw.ms(median_ms)}ms`;

const nginx = (draw: Draw, level: string, text: string): string =>
  `${draw.date_time().replaceAll('-', '/')} [${level}] ${draw.between(28, 35)}#0: *${draw.between(100000, 999999)} ${text}`;

export const STOREFRONT: ShopService = {
  service: 'storefront',
  pods: podsOf('storefront', 3),
  lines_per_second: 6,
  phase: 0,
  templates: [
    line(18, 'info', (d) => access(d, 'GET /', 200, d.between(18000, 19000), 24), 0.4),
    line(26, 'info', (d) =>
      access(d, `GET /product/${d.between(1000, 9999)}`, 200, d.between(9000, 22000), 38),
    ),
    line(16, 'info', (d) =>
      access(
        d,
        `GET /category/${d.pick(CATEGORIES)}?page=${d.between(1, 9)}`,
        200,
        d.between(15000, 40000),
        52,
      ),
    ),
    line(9, 'info', (d) => access(d, `GET /search?q=${d.hex(6)}`, 200, d.between(4000, 30000), 85), 0.3),
    line(7, 'info', (d) => access(d, 'GET /cart', 200, d.between(2000, 6000), 31)),
    line(6, 'info', (d) => access(d, 'POST /cart/items', 201, d.between(200, 400), 44)),
    line(3, 'info', (d) => access(d, 'POST /checkout', 303, 0, 210)),
    line(3, 'info', (d) =>
      access(d, `GET /orders/${d.between(100000, 999999)}`, 200, d.between(2000, 5000), 60),
    ),
    line(6, 'info', (d) => access(d, `GET /static/app.${d.hex(8)}.js`, 304, 0, 2), 0.05),
    line(0.6, 'info', (d) => access(d, `GET /static/app.${d.hex(8)}.js`, 200, 412033, 9), 30),
    line(2.5, 'info', (d) => access(d, 'GET /health', 200, 2, 1)),
    line(1.2, 'info', (d) => access(d, `GET /wp-login.php`, 404, 153, 2)),
    line(0.9, 'info', (d) => access(d, `GET /product/${d.between(1000, 9999)}`, 404, 1201, 18)),
    line(0.5, 'warn', (d) =>
      nginx(
        d,
        'warn',
        `an upstream response is buffered to a temporary file /var/cache/nginx/proxy_temp/${d.between(1, 9)}/${d.between(10, 99)} while reading upstream, client: ${d.client_ip()}`,
      ),
    ),
    line(0.25, 'error', (d) => access(d, `GET /product/${d.between(1000, 9999)}`, 502, 157, 480)),
    line(0.15, 'error', (d) =>
      nginx(
        d,
        'error',
        `upstream timed out (110: Connection timed out) while reading response header from upstream, client: ${d.client_ip()}, upstream: "http://${d.pod_ip()}:8080"`,
      ),
    ),
    line(0.12, 'error', (d) =>
      nginx(
        d,
        'error',
        `connect() failed (111: Connection refused) while connecting to upstream, client: ${d.client_ip()}, upstream: "http://${d.pod_ip()}:8080"`,
      ),
    ),
  ],
  routines: [
    {
      mode: 'clock',
      every_s: HOUR_S,
      steps: [
        {
          after_s: 0,
          severity: 'info',
          render: (d) =>
            nginx(d, 'notice', `reopening logs after rotation, ${d.between(2, 5)} workers signalled`),
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
          render: (d) => nginx(d, 'notice', 'certificate for shop.example reloaded, valid for 89 days'),
        },
      ],
    },
  ],
  fresh_error: line(0, 'error', (d) =>
    nginx(
      d,
      'error',
      `lua entry thread aborted: runtime error: /etc/nginx/lua/personalise.lua:${d.between(41, 43)}: attempt to index a nil value (field 'segment'), client: ${d.client_ip()}`,
    ),
  ),
};
