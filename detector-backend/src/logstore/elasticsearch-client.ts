import { Client, Serializer } from '@elastic/elasticsearch';
import type { SearchConnection } from '../platform/search-connection.ts';
import type { EngineClient } from './search-engine.ts';

// The client's own types ask for answers of version 9, which a server of version 8 refuses.
const PLAIN = { accept: 'application/json', 'content-type': 'application/json' };

/** A longer answer is refused while it comes: else one page of long documents could take all the memory. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

class TextSerializer extends Serializer {
  override deserialize<T>(text: string): T {
    return text as T;
  }
}

/** The official client of Elasticsearch 8 and 9. */
export function createElasticsearchClient(connection: SearchConnection, isRemote: boolean): EngineClient {
  const { nodes, cloud_id, api_key, username, password, ca, request_timeout_ms } = connection;
  const login = username !== undefined && password !== undefined ? { username, password } : undefined;
  const auth = api_key !== undefined ? { apiKey: api_key } : login;
  const client = new Client({
    ...(cloud_id !== undefined ? { cloud: { id: cloud_id } } : { nodes }),
    ...(auth && { auth }),
    ...(ca !== undefined && { tls: { ca } }),
    // This client has no limit of its own.
    requestTimeout: request_timeout_ms,
    compression: isRemote,
    maxResponseSize: MAX_ANSWER_BYTES,
    maxCompressedResponseSize: MAX_ANSWER_BYTES / 8,
    Serializer: TextSerializer,
  });
  return {
    send: ({ method, path, body, query }, { timeout_ms, max_retries, signal }) =>
      client.transport.request<string>(
        {
          method,
          path,
          ...(query && { querystring: query }),
          ...(typeof body === 'string' ? { bulkBody: body } : body && { body }),
        },
        {
          requestTimeout: timeout_ms,
          maxRetries: max_retries,
          signal,
          headers: typeof body === 'string' ? { ...PLAIN, 'content-type': 'application/x-ndjson' } : PLAIN,
        },
      ),
    close: () => client.close(),
  };
}
