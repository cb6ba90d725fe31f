// Shows the built plugin in the preview host against the mock API: node preview-host/serve-mock.mjs [port] [--trouble]
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, 'dist');
const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

async function loadHandlers(options) {
  const outfile = path.join(here, '../.cache/mock-handlers.mjs');
  await build({
    entryPoints: [path.join(here, '../src/mocks/handlers.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['msw'],
    outfile,
    logLevel: 'warning',
  });
  const { createHandlers } = await import(pathToFileURL(outfile));
  return createHandlers(() => Date.now(), options);
}

async function answerApi(handlers, getResponse, request, body) {
  const response = await getResponse(
    handlers,
    new Request(`http://127.0.0.1${request.url}`, {
      method: request.method,
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      ...(body.length > 0 && { body }),
    }),
  );
  return response ?? Response.json({ message: 'plugin route match not found' }, { status: 404 });
}

function sendFile(pathname, response) {
  const file = path.join(dist, path.normalize(decodeURIComponent(pathname)));
  const isFile = file.startsWith(dist) && fs.existsSync(file) && fs.statSync(file).isFile();
  const isAsset = pathname.startsWith('/public/');
  if (!isFile && isAsset) {
    console.log(`404 ${pathname}`);
    response.writeHead(404).end();
    return;
  }
  const found = isFile ? file : path.join(dist, 'index.html');
  response.writeHead(200, { 'content-type': TYPES[path.extname(found)] ?? 'application/octet-stream' });
  fs.createReadStream(found).pipe(response);
}

/** Starts on a port of loopback; 0 takes a free one. With `hasTrouble`, log sources are in every state that there is. */
export async function serveMock(port, options = {}) {
  const handlers = await loadHandlers(options);
  const { getResponse } = await import('msw');
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    if (!pathname.startsWith('/api/')) {
      sendFile(pathname, response);
      return;
    }
    const chunks = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const answer = await answerApi(handlers, getResponse, request, Buffer.concat(chunks));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await serveMock(Number(process.argv[2] ?? 4600), {
    hasTrouble: process.argv.includes('--trouble'),
  });
  console.log(`Preview with mock data: http://127.0.0.1:${server.address().port}/`);
}
