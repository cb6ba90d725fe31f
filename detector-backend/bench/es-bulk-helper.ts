import { Client as ElasticsearchClient } from '@elastic/elasticsearch';
import { Client as OpensearchClient } from '@opensearch-project/opensearch';
import type { SearchEngineName } from '../src/platform/search-connection.ts';
import { CALLERS } from './es-write-batches.ts';

/** Documents with the ids that they are created by, in the same order. */
export interface HelperInput {
  index: string;
  sources: object[];
  ids: string[];
}

export interface BulkHelper {
  /** Throws unless all of them were created. */
  send(input: HelperInput): Promise<void>;
  close(): Promise<void>;
}

/** The bulk helper of an engine's official client as it comes, but with three requests at a time. */
export function createBulkHelper(name: SearchEngineName, url: string): BulkHelper {
  const client =
    name === 'elasticsearch' ? new ElasticsearchClient({ node: url }) : new OpensearchClient({ node: url });
  return {
    async send({ index, sources, ids }) {
      let place = 0;
      const dropped: unknown[] = [];
      const options = {
        datasource: sources,
        concurrency: CALLERS,
        onDocument: () => ({ create: { _index: index, _id: ids[place++] as string } }),
        onDrop: (item: unknown) => dropped.push(item),
      };
      const { successful } =
        client instanceof ElasticsearchClient
          ? await client.helpers.bulk(options)
          : await client.helpers.bulk(options);
      if (successful !== ids.length || dropped.length > 0)
        throw new Error(`The helper stored ${successful} of ${ids.length}: ${JSON.stringify(dropped[0])}`);
    },
    close: () => client.close(),
  };
}
