import http from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * Answers `GET /` as a released Elasticsearch does and passes everything else on: elasticdump asks it first, and the distribution
 * for tests has no such route. A process of its own. Arguments: URL of the engine, version. Says its port to its parent.
 */
const [target = '', version = ''] = process.argv.slice(2);
const { hostname, port } = new URL(target);
const agent = new http.Agent({ keepAlive: true });

const server = http.createServer((incoming, response) => {
  const { method, url = '/', headers } = incoming;
  if (method === 'GET' && url.split('?')[0] === '/') {
    const body = JSON.stringify({ version: { number: version, build_flavor: 'default' } });
    response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
    response.end(body);
    return;
  }
  const passed = http.request({ agent, hostname, port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', () => response.destroy());
  response.on('close', () => passed.destroy());
  incoming.pipe(passed);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
