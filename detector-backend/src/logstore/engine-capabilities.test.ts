import { expect, it } from 'vitest';
import { probeCapabilities } from './engine-capabilities.ts';
import { scriptedEngine } from './scripted-engine-fixture.ts';

it('names the same missing right each time, whichever refusal arrives first', async () => {
  const refusals = await scriptedEngine('elasticsearch', ({ path }) => ({
    status: 403,
    body: { error: { type: 'security_exception', reason: 'unauthorized' }, status: 403 },
    delay_ms: path === '/_ingest/pipeline/_simulate' ? 0 : 100,
  }));
  await expect(probeCapabilities(refusals.engine)).rejects.toMatchObject({
    code: 'log_store_refused',
    message: expect.stringContaining('cluster privilege manage_index_templates') as string,
  });
  await refusals.close();
});
