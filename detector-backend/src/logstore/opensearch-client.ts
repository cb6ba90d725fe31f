import { Client, Serializer } from '@opensearch-project/opensearch';
import type { SearchConnection } from '../platform/search-connection.ts';
import type { EngineClient } from './search-engine.ts';

class TextSerializer extends Serializer {
  override deserialize(text: string): string {
    return text;
  }
}

/** The official client of OpenSearch. */
export function createOpensearchClient(connection: SearchConnection, isRemote: boolean): EngineClient {
  const { nodes, username, password, ca, request_timeout_ms } = connection;
  const client = new Client({
    nodes,
    ...(username !== undefined && password !== undefined && { auth: { username, password } }),
    ...(ca !== undefined && { ssl: { ca } }),
    requestTimeout: request_timeout_ms,
    // Answers stay unpacked: of a packed one this client limits nothing, and one too long for a string ends the process.
    ...(isRemote && { compression: 'gzip' as const }),
    Serializer: TextSerializer,
    // Refuses an answer for which the heap has no room.
    memoryCircuitBreaker: { enabled: true, maxPercentage: 0.8 },
  });
  return {
    async send({ method, path, body, query }, { timeout_ms, max_retries, signal }) {
      const sent = client.transport.request(
        {
          method,
          path,
          ...(query && { querystring: query }),
          ...(typeof body === 'string' ? { bulkBody: body } : body && { body }),
        },
        { requestTimeout: timeout_ms, maxRetries: max_retries },
      );
      // Nothing may be returned: `sent` is a thenable, and an event target rethrows what a listener's promise rejects with.
      const abort = () => void sent.abort();
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      try {
        return (await sent).body as unknown as string;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    close: () => client.close(),
  };
}
