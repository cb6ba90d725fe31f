import http from 'node:http';

/*
 * Sends batches of NDJSON over some connections for some seconds, then prints one line of JSON. A process of its own, so that
 * what it costs is not taken from the server's event loop (it still shares the machine's cores).
 * Arguments: url, headers as JSON, seconds, connections, lines a batch.
 */
const [url = '', headers = '{}', seconds = '20', connections = '4', batch_lines = '5000'] =
  process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(connections) });
const LEVELS = ['INFO', 'INFO', 'INFO', 'INFO', 'DEBUG', 'WARN', 'ERROR'];

/** Lines of about 150 bytes, of eight services. */
function batchBody(seed: number): Buffer {
  const lines = Array.from({ length: Number(batch_lines) }, (_, index) => {
    const n = seed * 7919 + index * 31;
    const message = `order ${n} of user ${n % 997} took ${n % 300} ms, ${n % 7} items, zone eu-${n % 3}, trace ${(n * 2654435761).toString(16)}`;
    return JSON.stringify({
      service: `service-${n % 8}`,
      severity: LEVELS[n % LEVELS.length],
      source: `pod-${n % 20}`,
      message,
    });
  });
  return Buffer.from(lines.join('\n'));
}

interface Answer {
  accepted: number;
  rejected: number;
}

function send(body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/x-ndjson',
          'content-length': body.length,
          ...(JSON.parse(headers) as object),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 202) resolve(JSON.parse(text) as Answer);
          else reject(new Error(`HTTP ${response.statusCode}: ${text}`));
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const bodies = Array.from({ length: 8 }, (_, seed) => batchBody(seed));
await send(bodies[0] ?? Buffer.alloc(0));
const started = performance.now();
const deadline = started + Number(seconds) * 1000;
const times: number[] = [];
let accepted = 0;

async function connection(first: number): Promise<void> {
  for (let turn = first; performance.now() < deadline; turn += 1) {
    const begun = performance.now();
    const stored = await send(bodies[turn % bodies.length] ?? Buffer.alloc(0));
    accepted += stored.accepted;
    times.push(performance.now() - begun);
  }
}

await Promise.all(
  Array.from({ length: Number(connections) }, async (_, index) => {
    await connection(index);
  }),
);
times.sort((a, b) => a - b);
const quantile = (share: number) => Math.round(times[Math.floor(times.length * share)] ?? 0);
process.stdout.write(
  JSON.stringify({
    accepted,
    warm_up: Number(batch_lines),
    seconds: (performance.now() - started) / 1000,
    bytes_per_line: Math.round((bodies[0]?.length ?? 0) / Number(batch_lines)),
    p50_ms: quantile(0.5),
    p99_ms: quantile(0.99),
  }) + '\n',
);
agent.destroy();
