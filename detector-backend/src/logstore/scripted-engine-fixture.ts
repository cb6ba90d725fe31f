import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SearchConnection, SearchEngineName } from '../platform/search-connection.ts';
import { createSearchEngine } from './search-engine-connect.ts';
import type { SearchEngine } from './search-engine.ts';

export interface ScriptedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  body: string;
}

interface WholeAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Later answers may overtake it. */
  delay_ms?: number;
}

/** `hang`: no answer at all, `cut`: the connection ends without one, `stall`: the body never ends. */
export type ScriptedAnswer = WholeAnswer | 'hang' | 'cut' | 'stall';

/** The far end of the wire: an HTTP server that answers as a test says, with the product header of Elasticsearch. */
export interface ScriptedEngine {
  engine: SearchEngine;
  url: string;
  requests: ScriptedRequest[];
  close(): Promise<void>;
}

export async function scriptedEngine(
  name: SearchEngineName,
  script: (request: ScriptedRequest, place: number) => ScriptedAnswer,
  connection: Partial<SearchConnection> = {},
): Promise<ScriptedEngine> {
  const requests: ScriptedRequest[] = [];
  const server = http.createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (part: string) => (body += part));
    incoming.on('end', () => {
      const { pathname: path, searchParams: query } = new URL(incoming.url ?? '', 'http://x');
      const request = { method: incoming.method ?? '', path, query, headers: incoming.headers, body };
      const scripted = script(request, requests.push(request) - 1);
      const delay_ms = typeof scripted === 'object' ? (scripted.delay_ms ?? 0) : 0;
      if (delay_ms > 0) setTimeout(() => answer(response, scripted), delay_ms);
      else answer(response, scripted);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const engine = createSearchEngine({ engine: name, nodes: [url], request_timeout_ms: 5000, ...connection });
  return {
    engine,
    url,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
    },
  };
}

function answer(response: http.ServerResponse, script: ScriptedAnswer): void {
  if (script === 'hang') return;
  if (script === 'cut') {
    response.socket?.destroy();
    return;
  }
  const { status, body, headers } =
    script === 'stall' ? { status: 200, body: undefined, headers: {} } : script;
  const isText = typeof body === 'string';
  response.writeHead(status, {
    'x-elastic-product': 'Elasticsearch',
    'content-type': isText ? 'text/html' : 'application/json',
    ...headers,
  });
  if (script === 'stall') response.write('{"half":');
  else response.end(isText ? body : JSON.stringify(body ?? {}));
}
