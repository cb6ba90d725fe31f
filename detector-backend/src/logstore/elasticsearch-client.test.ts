import { once } from 'node:events';
import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificates } from '../../test/certificates.ts';
import { createSearchEngine } from './search-engine-connect.ts';

describe('a deployment in Elastic Cloud', () => {
  const { ca, key, certificate } = makeCertificates();
  const requests: { path: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
  /** The far end. */
  const server = https.createServer({ key, cert: certificate }, (request, response) => {
    void buffer(request).then((body) => {
      const isPacked = request.headers['content-encoding'] === 'gzip';
      const text = (isPacked ? gunzipSync(body) : body).toString();
      requests.push({ path: request.url ?? '', headers: request.headers, body: text });
      const headers = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };
      response.writeHead(200, headers).end('{"took":3}');
    });
  });
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });

  /** The address in a Cloud ID is deployment + host: here 127 + 0.0.1:port. */
  const connect = (connection: { ca?: string }) => {
    const { port } = server.address() as AddressInfo;
    const encoded = Buffer.from(`0.0.1:${port}$127$kibana`).toString('base64');
    const cloud_id = `shop:${encoded}`;
    const login = { cloud_id, api_key: 'a2V5a2V5', request_timeout_ms: 5000 };
    return createSearchEngine({ engine: 'elasticsearch', nodes: [], ...login, ...connection });
  };

  test('is found by its Cloud ID and sent packed requests with the API key, over TLS', async () => {
    const engine = connect({ ca });
    const search = { method: 'POST', path: '/logs/_search', body: { size: 1 } } as const;
    expect(await engine.request(search)).toEqual({ took: 3 });
    expect(requests).toMatchObject([
      {
        path: '/logs/_search',
        body: '{"size":1}',
        headers: { authorization: 'ApiKey a2V5a2V5', 'accept-encoding': 'gzip,deflate' },
      },
    ]);
    expect(requests[0]?.headers['content-encoding']).toBe('gzip');
    await engine.close();
  });

  test('is sent nothing when its certificate is not trusted', async () => {
    requests.length = 0;
    const engine = connect({});
    await expect(engine.request({ method: 'GET', path: '/' })).rejects.toThrow(/ELASTICSEARCH_CA_FILE/);
    expect(requests).toEqual([]);
    await engine.close();
  });
});
