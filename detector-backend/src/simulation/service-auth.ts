import { HOUR_S, line, podsOf, type ShopService } from './shop-catalog.ts';
import type { Draw } from './shop-draw.ts';

/** A C daemon behind syslog. */
const daemon = (draw: Draw, text: string): string => `authd[${draw.between(2210, 2213)}]: ${text}`;

const user = (draw: Draw): string => `user=${draw.between(10000, 99999)}`;

export const AUTH: ShopService = {
  service: 'auth',
  pods: podsOf('auth', 2),
  lines_per_second: 1.8,
  phase: 0.02,
  templates: [
    line(20, 'info', (d) => daemon(d, `session ${d.hex(16)} verified for ${user(d)} in ${d.ms(2)} ms`), 0.3),
    line(10, 'info', (d) =>
      daemon(d, `login succeeded ${user(d)} from ${d.client_ip()} method=password (${d.ms(62)} ms)`),
    ),
    line(
      4,
      'info',
      (d) => daemon(d, `login succeeded ${user(d)} from ${d.client_ip()} method=oidc (${d.ms(140)} ms)`),
      0.1,
    ),
    line(8, 'info', (d) => daemon(d, `token issued ${user(d)} jti=${d.uuid()} ttl=900`)),
    line(6, 'info', (d) => daemon(d, `token refreshed ${user(d)} jti=${d.uuid()} (${d.ms(5)} ms)`), 0.1),
    line(3, 'info', (d) => daemon(d, `logout ${user(d)} session ${d.hex(16)}`)),
    line(
      2,
      'info',
      (d) => daemon(d, `second factor accepted ${user(d)} kind=${d.pick(['totp', 'sms'])} (${d.ms(30)} ms)`),
      9,
    ),
    line(1.2, 'info', (d) => daemon(d, `account created ${user(d)} from ${d.client_ip()}`)),
    line(1, 'info', (d) => daemon(d, `password reset requested ${user(d)} mail queued`), 10),
    line(1.6, 'warn', (d) =>
      daemon(d, `login failed ${user(d)} from ${d.client_ip()}: wrong password, attempt ${d.between(1, 3)}`),
    ),
    line(0.3, 'warn', (d) =>
      daemon(d, `rate limit reached for ${d.client_ip()}, blocked for ${d.between(30, 60)} s`),
    ),
    line(0.15, 'error', (d) =>
      daemon(
        d,
        `cannot reach ldap://${d.pod_ip()}:389: timed out, request of ${user(d)} answered from cache`,
      ),
    ),
    line(0.1, 'error', (d) =>
      daemon(d, `token rejected: signature invalid, kid=${d.hex(8)} from ${d.client_ip()}`),
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
          render: (d) => `authd[2209]: expired ${d.between(100, 900)} sessions in ${d.ms(80, 0.1)} ms`,
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
          render: (d) => `authd[2209]: signing key rotated, new kid=${d.hex(8)}, 2 keys active`,
        },
      ],
    },
    {
      mode: 'clock',
      every_s: 'day',
      steps: [
        {
          after_s: 0,
          severity: 'warn',
          render: (d) => `authd[2209]: account ${d.between(10000, 99999)} locked after 10 failed logins`,
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
          render: (d) => `authd[2209]: audit trail of yesterday sealed, digest ${d.hex(32)}`,
        },
      ],
    },
  ],
  fresh_error: line(0, 'error', (d) =>
    daemon(
      d,
      `assertion failed in jwks_parse: unsupported curve P-521, issuer https://id.partner${d.between(1, 4)}.example, request of ${user(d)} refused`,
    ),
  ),
};
