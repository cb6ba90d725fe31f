import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithEngines, ENGINES, engineUrl } from '../../test/engines.ts';
import { createSearchEngine } from '../logstore/search-engine-connect.ts';
import { createIngestTestApp, type IngestTestApp } from './ingest-test-app.ts';
import type { LogSourcePreview } from './log-source-preview.ts';

const HOUR = 3_600_000;

describeWithEngines('the preview of a log source', () => {
  describe.each(ENGINES)('in %s', (name) => {
    const prefix = `preview${Date.now()}`;
    const engine = createSearchEngine({ engine: name, nodes: [engineUrl(name)], request_timeout_ms: 30_000 });
    let stack: IngestTestApp;
    beforeAll(async () => {
      const config = { readable_indices: { acme: [`${prefix}-*`] }, backfill_hours: 48 };
      stack = await createIngestTestApp({}, { engines: { [name]: engine }, config });
      const text = { type: 'text' };
      const properties = {
        '@timestamp': { type: 'date' },
        message: text,
        plain: text,
        service: { properties: { name: { type: 'keyword' } } },
      };
      await engine.request({ method: 'PUT', path: `/${prefix}-web`, body: { mappings: { properties } } });
      const documents = Array.from({ length: 30 }, (_, age) => ({
        '@timestamp': new Date(stack.clock.now - age * HOUR).toISOString(),
        message: `line ${age} of ann@example.org`,
        plain: 'a',
        ...(age % 4 > 0 && { service: { name: 'checkout' } }),
        log: { level: 'error' },
      }));
      const lines = documents.flatMap((one) => ['{"create":{}}', JSON.stringify(one)]);
      await engine.request({
        method: 'POST',
        path: `/${prefix}-web/_bulk`,
        query: { refresh: true },
        body: `${lines.join('\n')}\n`,
      });
    });
    afterAll(async () => {
      await engine.request({ method: 'DELETE', path: `/${prefix}-web` });
      await stack.close();
      await engine.close();
    });

    async function preview(connection_config: object, values = {}) {
      const response = await fetch(`${stack.base_url}/log-sources/preview`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ source_type: name, connection_config, ...values }),
      });
      const body = (await response.json()) as LogSourcePreview & { field?: string; detail?: string };
      return { status: response.status, body };
    }

    test('shows the newest lines masked, which fields they have, and how much there is', async () => {
      const { status, body } = await preview({ index: `${prefix}-web` });
      expect(status).toBe(200);
      expect(body.lines).toHaveLength(20);
      expect(body.lines[1]).toEqual({
        timestamp: new Date(stack.clock.now - HOUR).toISOString(),
        service: 'checkout',
        severity: 'error',
        message: 'line 1 of <email>',
        source: `${prefix}-web`,
      });
      const field = (of: string) => body.fields.find((one) => one.field === of);
      expect(field('service')).toEqual({
        field: 'service',
        path: 'service.name',
        found: 0.75,
        is_indexed: true,
      });
      expect(field('source')).toMatchObject({ path: 'host.name', found: 0, is_indexed: false });
      expect(body).toMatchObject({
        cursor_field: 'event.ingested',
        has_cursor_field: false,
        indices: 1,
        documents_24h: 25,
        backfill_documents: 50,
        backfill_seconds: 1,
        problems: [],
      });
      // Nothing was stored for it.
      const { rows } = await stack.db.owner.query('select from services');
      expect(rows).toHaveLength(0);
    });

    test('names fields that are missing or can not be used', async () => {
      const fields = { timestamp: 'nope', service: 'plain', message: 'text', cursor: 'message' };
      const { status, body } = await preview({ index: `${prefix}-*`, fields });
      expect(status).toBe(200);
      expect(body.problems.map((problem) => problem.field).sort()).toEqual([
        'connection_config.fields.cursor',
        'connection_config.fields.message',
        'connection_config.fields.service',
        'connection_config.fields.timestamp',
      ]);
    });

    test('says that there is no such index, or none yet', async () => {
      expect(await preview({ index: `${prefix}-none` })).toMatchObject({
        status: 400,
        body: { field: 'connection_config.index', detail: expect.stringContaining('no index') as string },
      });
      const { status, body } = await preview({ index: `${prefix}-none-*` });
      expect([status, body.documents_24h, body.lines.length]).toEqual([200, 0, 0]);
      expect(body.problems).toMatchObject([{ field: 'connection_config.index' }]);
    });

    test('is refused like the source itself, and never shows what a tenant may not read', async () => {
      expect(await preview({ index: `${prefix}-web,other` })).toMatchObject({ status: 403 });
      expect(await preview({ index: `${prefix}-web`, query: { script: {} } })).toMatchObject({ status: 400 });
      expect(await preview({ index: `${prefix}-web`, url: 'http://x' })).toMatchObject({
        status: 400,
        body: { field: 'connection_config.url' },
      });
    });

    test('tells what the cluster has against the query', async () => {
      const query = { range: { '@timestamp': { gte: 'last week' } } };
      expect(await preview({ index: `${prefix}-web`, query })).toMatchObject({
        status: 400,
        body: { detail: expect.stringMatching(/can not answer.*last week/) as string },
      });
    });
  });
});
