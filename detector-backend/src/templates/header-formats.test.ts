import { describe, expect, test } from 'vitest';
import { assign, createMinedTree } from './mined-tree.ts';
import { createTokenizer, scan } from './tokenizer.ts';

const tokenizer = createTokenizer();

/** The ordinals of the templates that lines get, one after the other. */
function mine(lines: readonly string[]): number[] {
  const tree = createMinedTree({ log_source_id: 'source', service_id: 'service' }, []);
  return lines.map((message) => {
    scan(tokenizer, message);
    return assign(tree, tokenizer, { timestamp: 0, message }, 0).template.ordinal;
  });
}

/** What writes such lines; a line, the same event with other values, another event. */
type Format = [writer: string, line: string, same: string, other: string];

const FORMATS: Format[] = [
  [
    'Spring Boot',
    '2024-01-01T00:00:00.000Z  INFO 1 --- [           main] o.s.b.w.e.TomcatWebServer                : Tomcat initialized with port(s): 8080 (http)',
    '2024-11-30T23:59:59.123Z  INFO 24711 --- [           main] o.s.b.w.e.TomcatWebServer                : Tomcat initialized with port(s): 80 (http)',
    '2024-01-01T00:00:00.000Z  INFO 1 --- [           main] o.s.b.w.e.TomcatWebServer                : Tomcat stopped with error(s): 2',
  ],
  [
    'Spring Boot 3 with a correlation id',
    '2024-01-01T00:00:00.000+01:00  INFO 1 --- [shop] [nio-8080-exec-1] [803B448A0489F84084905D3093480352-3425F23BB2432450] c.a.s.OrderController : order(s) paid: 17',
    '2024-07-31T12:30:00.000+02:00  INFO 99 --- [shop] [nio-8080-exec-12] [113D3A99C3DA401FBD62CC2CAA5B96D2-8D31F0AA12345678] c.a.s.OrderController : order(s) paid: 4',
    '2024-01-01T00:00:00.000+01:00  INFO 1 --- [shop] [nio-8080-exec-1] [803B448A0489F84084905D3093480352-3425F23BB2432450] c.a.s.OrderController : order(s) cancelled: 17',
  ],
  [
    'log4j',
    '2024-01-01 00:00:00,123 [http-nio-8080-exec-3] ERROR com.acme.Cart - Cannot load cart 17 (timeout=30)',
    '2024-12-31 23:59:59,999 [http-nio-8080-exec-11] ERROR com.acme.Cart - Cannot load cart 9 (timeout=5)',
    '2024-01-01 00:00:00,123 [http-nio-8080-exec-3] ERROR com.acme.Cart - Cannot store cart 17 (timeout=30)',
  ],
  [
    'logback',
    '10:15:30.123 [main] WARN  com.acme.Pool - Pool exhausted after 31 ms',
    '23:01:02.004 [main] WARN  com.acme.Pool - Pool exhausted after 7 ms',
    '10:15:30.123 [main] WARN  com.acme.Pool - Pool closed after 31 ms',
  ],
  [
    'java.util.logging',
    'Jan 02, 2024 3:04:05 PM com.acme.Cart add INFO: added item 17',
    'Nov 30, 2025 11:59:59 AM com.acme.Cart add INFO: added item 4',
    'Jan 02, 2024 3:04:05 PM com.acme.Cart add INFO: removed item 17',
  ],
  [
    'Tomcat',
    '02-Jan-2024 15:04:05.123 INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [2117] milliseconds',
    '31-Oct-2024 05:00:00.000 INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [903] milliseconds',
    '02-Jan-2024 15:04:05.123 INFO [main] org.apache.catalina.startup.Catalina.stop Server shutdown in [2117] milliseconds',
  ],
  [
    'Python with a padded level',
    'INFO     order id=17 paid',
    'INFO     order id=4 paid',
    'INFO     disk usage=90 low',
  ],
  [
    'Python',
    'WARNING:shop.cart:retry(2) of cart 17',
    'WARNING:shop.cart:retry(5) of cart 9',
    'WARNING:shop.cart:giving up on cart 17',
  ],
  [
    'uvicorn',
    'INFO:     127.0.0.1:52344 - "GET /items/5?q=a HTTP/1.1" 200 OK',
    'INFO:     10.1.2.3:1000 - "GET /items/77?q=b HTTP/1.1" 200 OK',
    'INFO:     Application startup complete (workers=4).',
  ],
  [
    'gunicorn',
    '[2024-01-02 15:04:05 +0000] [7] [INFO] Booting worker with pid: 7',
    '[2024-08-30 01:00:00 -0700] [1234] [INFO] Booting worker with pid: 1234',
    '[2024-01-02 15:04:05 +0000] [7] [INFO] Worker exiting (pid: 7)',
  ],
  [
    'klog',
    'I0102 15:04:05.123456       1 controller.go:114] Starting workers (count=4)',
    'I1231 01:00:00.000001   24711 controller.go:114] Starting workers (count=12)',
    'I0102 15:04:05.123456       1 controller.go:131] Shutting down workers (count=4)',
  ],
  [
    'zap console',
    '2024-01-02T15:04:05.123Z\tERROR\tcart/cart.go:71\tcharge failed (card)\t{"user": 17, "amount": 9.5}',
    '2024-02-28T05:00:00.001Z\tERROR\tcart/cart.go:71\tcharge failed (card)\t{"user": 4, "amount": 120}',
    '2024-01-02T15:04:05.123Z\tERROR\tcart/cart.go:71\trefund failed (card)\t{"user": 17, "amount": 9.5}',
  ],
  [
    'zerolog console',
    '3:04PM INF cart loaded items=17 user=bob',
    '11:59AM INF cart loaded items=4 user=eve',
    '3:04PM INF cart stored items=17 user=bob',
  ],
  [
    'Go log',
    '2024/01/02 15:04:05 http: TLS handshake error from 10.0.0.1:51234: EOF',
    '2024/12/31 01:00:00 http: TLS handshake error from 192.168.1.77:80: EOF',
    '2024/01/02 15:04:05 http: Server closed connection from 10.0.0.1:51234: EOF',
  ],
  [
    'logrus',
    'time="2024-01-02T15:04:05Z" level=info msg="order paid" order=17',
    'time="2024-10-12T05:04:05+02:00" level=info msg="order paid" order=4',
    'time="2024-01-02T15:04:05Z" level=info msg="order cancelled" order=17',
  ],
  [
    'nginx error',
    '2024/01/02 15:04:05 [error] 31#31: *17 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1',
    '2024/10/12 01:00:00 [error] 7#12: *90012 connect() failed (111: Connection refused) while connecting to upstream, client: 10.7.0.19',
    '2024/01/02 15:04:05 [error] 31#31: *17 open() failed (2: No such file or directory), client: 10.0.0.1',
  ],
  [
    'nginx and Apache access',
    '10.0.0.1 - - [02/Jan/2024:15:04:05 -0700] "GET /a/b.html HTTP/1.1" 200 2326 "-" "curl/8.1.2"',
    '192.168.0.17 - - [31/Oct/2024:05:00:00 +0100] "GET /a/c/d.html HTTP/2.0" 200 7 "-" "curl/7.68.0"',
    '10.0.0.1 - - [02/Jan/2024:15:04:05 -0700] "POST /a/b.html HTTP/1.1" 500 2326 "-" "curl/8.1.2"',
  ],
  [
    'Apache error',
    '[Tue Jan 02 15:04:05.123456 2024] [core:error] [pid 1234:tid 139] [client 10.0.0.1:5000] AH00126: Invalid URI in request',
    '[Sun Oct 27 05:00:00.000001 2024] [core:error] [pid 7:tid 140] [client 10.1.0.7:80] AH00126: Invalid URI in request',
    '[Tue Jan 02 15:04:05.123456 2024] [core:error] [pid 1234:tid 139] [client 10.0.0.1:5000] AH00035: access denied',
  ],
  [
    'PostgreSQL',
    '2024-01-02 15:04:05.123 CET [1234] LOG:  checkpoint complete: wrote 17 buffers (0.1%)',
    '2024-07-02 15:04:05.999 CEST [77] LOG:  checkpoint complete: wrote 990 buffers (12.3%)',
    '2024-01-02 15:04:05.123 CET [1234] LOG:  checkpoint starting: wrote 17 buffers (0.1%)',
  ],
  [
    'MySQL',
    '2024-01-02T15:04:05.123456Z 12 [Warning] [MY-010055] [Server] IP address 10.0.0.1 could not be resolved',
    '2024-11-12T05:00:00.000001Z 8 [Warning] [MY-010055] [Server] IP address 10.7.3.1 could not be resolved',
    '2024-01-02T15:04:05.123456Z 12 [Warning] [MY-013360] [Server] Plugin sha256_password is deprecated',
  ],
  [
    'Redis',
    '1:M 02 Jan 2024 15:04:05.123 * 100 changes in 300 seconds. Saving...',
    '77:M 31 Oct 2024 05:00:00.001 * 10 changes in 60 seconds. Saving...',
    '1:M 02 Jan 2024 15:04:05.123 * Background saving started by pid 17',
  ],
  [
    'MongoDB',
    '2024-01-02T15:04:05.123+0000 I NETWORK  [conn17] end connection 10.0.0.1:5000 (3 connections now open)',
    '2024-07-02T15:04:05.123-0700 I NETWORK  [conn9] end connection 10.7.0.1:80 (12 connections now open)',
    '2024-01-02T15:04:05.123+0000 I NETWORK  [conn17] received client metadata from 10.0.0.1:5000 (3 connections now open)',
  ],
  [
    'Kafka',
    '[2024-01-02 15:04:05,123] INFO [GroupCoordinator 1]: Stabilized group cart generation 5 (__consumer_offsets-17) (kafka.coordinator.group.GroupCoordinator)',
    '[2024-10-22 05:00:00,001] INFO [GroupCoordinator 2]: Stabilized group cart generation 12 (__consumer_offsets-3) (kafka.coordinator.group.GroupCoordinator)',
    '[2024-01-02 15:04:05,123] INFO [GroupCoordinator 1]: Preparing to rebalance group cart (__consumer_offsets-17) (kafka.coordinator.group.GroupCoordinator)',
  ],
  [
    'ZooKeeper',
    '2024-01-02 15:04:05,123 - INFO  [NIOServerCxn.Factory:0.0.0.0/0.0.0.0:2181:NIOServerCnxn@1001] - Closed socket connection for client /10.0.0.1:5000',
    '2024-10-02 05:00:00,001 - INFO  [NIOServerCxn.Factory:0.0.0.0/0.0.0.0:2181:NIOServerCnxn@1001] - Closed socket connection for client /0:0:0:0:0:0:0:1:80',
    '2024-01-02 15:04:05,123 - INFO  [NIOServerCxn.Factory:0.0.0.0/0.0.0.0:2181:NIOServerCnxn@1001] - Accepted socket connection from client /10.0.0.1:5000',
  ],
  [
    'HAProxy',
    'Jan  2 15:04:05 lb haproxy[14389]: 10.0.1.2:33317 [02/Jan/2024:15:04:05.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /index.html HTTP/1.1"',
    'Oct 31 05:00:00 lb haproxy[7]: 10.7.1.2:80 [31/Oct/2024:05:00:00.001] http-in static/srv12 0/0/1/2/3 200 17 - - ---- 12/10/100/3/0 0/0 "GET /a/b.css HTTP/1.1"',
    'Jan  2 15:04:05 lb haproxy[14389]: Server static/srv1 is DOWN, reason: Layer4 timeout, check duration: 2001ms. 0 active and 0 backup servers left.',
  ],
  [
    'Envoy',
    '[2024-01-02 15:04:05.123][1][warning][config] [source/common/config/grpc_stream.h:53] StreamAggregatedResources gRPC config stream closed: 14, upstream connect error',
    '[2024-10-22 05:00:00.001][77][warning][config] [source/common/config/grpc_stream.h:53] StreamAggregatedResources gRPC config stream closed: 13, upstream connect error',
    '[2024-01-02 15:04:05.123][1][warning][config] [source/common/config/grpc_stream.h:191] StreamAggregatedResources gRPC config stream opened: 14',
  ],
  [
    'systemd',
    'Jan 02 15:04:05 web-1 systemd[1]: Started Session 17 of user root.',
    'Oct 12 05:00:00 web-12 systemd[1]: Started Session 4711 of user root.',
    'Jan 02 15:04:05 web-1 systemd[1]: Stopped Session 17 of user root.',
  ],
  [
    'sshd',
    'Jan  2 15:04:05 web sshd[24200]: Failed password for invalid user admin from 10.0.0.1 port 52683 ssh2',
    'Dec 10 05:00:00 web sshd[7]: Failed password for invalid user bob from fe80::42:acff:fe11:2%eth0 port 80 ssh2',
    'Jan  2 15:04:05 web sshd[24200]: Accepted password for invalid user admin from 10.0.0.1 port 52683 ssh2',
  ],
  [
    'kernel',
    '[    4.123456] usb 1-1: new high-speed USB device number 2 using xhci_hcd',
    '[12345.000001] usb 3-2: new high-speed USB device number 17 using xhci_hcd',
    '[    4.123456] usb 1-1: USB disconnect, device number 2 using xhci_hcd',
  ],
  [
    'Docker',
    'time="2024-01-02T15:04:05.123456789+01:00" level=error msg="Handler for POST /v1.41/containers/2b1c0e3f4a5d/start returned error: port is already allocated"',
    'time="2024-10-02T05:00:00.000000001+02:00" level=error msg="Handler for POST /v1.41/containers/9f8e7d6c5b4a/start returned error: port is already allocated"',
    'time="2024-01-02T15:04:05.123456789+01:00" level=error msg="stream copy error: reading from a closed fifo"',
  ],
  [
    'Kubernetes events',
    '2m    Normal    Scheduled    pod/cart-7f8d9c6b5-x2x9q    Successfully assigned shop/cart-7f8d9c6b5-x2x9q to node-1',
    '57s    Normal    Scheduled    pod/cart-59c8d7b6f-abcd1    Successfully assigned shop/cart-59c8d7b6f-abcd1 to node-12',
    '2m    Warning    BackOff    pod/cart-7f8d9c6b5-x2x9q    Back-off restarting failed container (exit=137)',
  ],
  [
    'AWS Lambda for Node.js',
    '2024-01-02T15:04:05.123Z\t17288ea8-cbf4-4f0e-94fe-853fd2735f29\tERROR\tcharge failed (card)',
    '2024-11-22T05:00:00.001Z\t8d31f0aa-0000-4f0e-94fe-853fd2735f29\tERROR\tcharge failed (card)',
    '2024-01-02T15:04:05.123Z\t17288ea8-cbf4-4f0e-94fe-853fd2735f29\tERROR\trefund failed (card)',
  ],
  [
    'AWS Lambda',
    'REPORT RequestId: 17288ea8-cbf4-4f0e-94fe-853fd2735f29\tDuration: 12.55 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 70 MB',
    'REPORT RequestId: 8d31f0aa-0000-4f0e-94fe-853fd2735f29\tDuration: 1.5 ms\tBilled Duration: 2 ms\tMemory Size: 1024 MB\tMax Memory Used: 7 MB',
    'START RequestId: 17288ea8-cbf4-4f0e-94fe-853fd2735f29 Version: $LATEST',
  ],
  [
    'Windows',
    '2024-01-02 15:04:05, Info                  CBS    Session: 30546174_261718623 initialized by client WindowsUpdateAgent.',
    '2024-10-22 05:00:00, Info                  CBS    Session: 30600001_1 initialized by client WindowsUpdateAgent.',
    '2024-01-02 15:04:05, Info                  CBS    Session: 30546174_261718623 finalized. Reboot required: no (hr=0x00000000)',
  ],
  [
    'Rails',
    'I, [2024-01-02T15:04:05.123456 #1234]  INFO -- : Completed 200 OK in 12ms (Views: 3.1ms | ActiveRecord: 1.2ms)',
    'I, [2024-10-22T05:00:00.000001 #7]  INFO -- : Completed 200 OK in 340ms (Views: 30.0ms | ActiveRecord: 101.9ms)',
    'I, [2024-01-02T15:04:05.123456 #1234]  INFO -- : Redirected to https://shop.example.org/cart (cookie=none)',
  ],
  [
    'Laravel',
    '[2024-01-02 15:04:05] production.ERROR: Undefined variable $cart (View: /var/www/a.blade.php) {"userId":17}',
    '[2024-10-22 05:00:00] production.ERROR: Undefined variable $cart (View: /var/www/b/c.blade.php) {"userId":4}',
    '[2024-01-02 15:04:05] production.ERROR: Call to undefined method Cart (View: /var/www/a.blade.php) {"userId":17}',
  ],
  [
    '.NET console',
    'info: Microsoft.AspNetCore.Hosting.Diagnostics[2]\n      Request finished in 17.5ms 200 text/html',
    'info: Microsoft.AspNetCore.Hosting.Diagnostics[2]\n      Request finished in 340.1ms 404 text/html',
    'info: Microsoft.AspNetCore.Hosting.Diagnostics[1]\n      Application is shutting down (exit=0)',
  ],
  [
    'Serilog',
    '[15:04:05 INF] HTTP GET /carts/17 responded 200 in 12.4567 ms',
    '[05:00:00 INF] HTTP GET /carts/4/items responded 200 in 340.1 ms',
    '[15:04:05 INF] Cart 17 was paid (total=12.50)',
  ],
  [
    'Erlang',
    '2024-01-02 15:04:05.123456+00:00 [error] <0.1234.0> closing AMQP connection <0.1234.0> (10.0.0.1:5000 -> 10.0.0.2:5672)',
    '2024-10-22 05:00:00.000001-07:00 [error] <0.77.12> closing AMQP connection <0.77.12> (10.7.0.1:80 -> 10.0.0.2:5672)',
    '2024-01-02 15:04:05.123456+00:00 [error] <0.1234.0> missed heartbeats from client (timeout=60s)',
  ],
  [
    'Elixir',
    '15:04:05.123 request_id=FxYzAbCd12345 [info] Sent 200 in 12ms',
    '05:00:00.001 request_id=GaBcDeFg98765 [info] Sent 200 in 340ms',
    '15:04:05.123 request_id=FxYzAbCd12345 [info] Running Shop.Endpoint with cowboy (http)',
  ],
  [
    'Rust env_logger',
    '[2024-01-02T15:04:05Z INFO  shop::cart] loaded 17 items',
    '[2024-10-22T05:00:00Z INFO  shop::cart] loaded 4 items',
    '[2024-01-02T15:04:05Z INFO  shop::cart] stored 17 items',
  ],
  [
    'Rust tracing',
    '2024-01-02T15:04:05.123456Z  INFO request{id=17 path="/a/b"}: shop::cart: cart loaded items=3',
    '2024-10-22T05:00:00.000001Z  INFO request{id=4 path="/c"}: shop::cart: cart loaded items=12',
    '2024-01-02T15:04:05.123456Z  INFO request{id=17 path="/a/b"}: shop::cart: cart stored items=3',
  ],
  [
    'Android',
    '01-02 15:04:05.123  1702  2395 D WindowManager: printFreezingDisplayLogs opening app wtoken = AppWindowToken{9f4ef63 token=Token{a64f992}}',
    '12-31 05:00:00.001   702    95 D WindowManager: printFreezingDisplayLogs opening app wtoken = AppWindowToken{1a2b3c4 token=Token{0f1e2d3}}',
    '01-02 15:04:05.123  1702  2395 D WindowManager: startAnimation begin wtoken = AppWindowToken{9f4ef63 token=Token{a64f992}}',
  ],
  [
    'journald with a weekday',
    'Tue 2024-01-02 15:04:05 CET web cron[17]: (root) CMD (run-parts /etc/cron.hourly)',
    'Sun 2024-07-07 05:00:00 CEST web cron[4711]: (root) CMD (run-parts /etc/cron.hourly)',
    'Tue 2024-01-02 15:04:05 CET web cron[17]: (root) RELOAD (crontabs/root)',
  ],
];

describe('lines as widespread programs and logging libraries write them', () => {
  test.each(FORMATS)('%s: one event is one template, another event another one', (_, line, same, other) => {
    expect(mine([line, same, other, line])).toEqual([0, 0, 1, 0]);
    expect(mine([other, same, line])).toEqual([0, 1, 1]);
  });
});
