import { createShop } from '../../mocks/shop.ts';
import { NOW } from '../../test/api-server.ts';
import { healthFigures, minutesToReady } from './health.ts';

const { status, services } = createShop(NOW);
const figure = (label: string, changes: Partial<typeof status> = {}, of = services) =>
  healthFigures({ ...status, ...changes }, of).find((each) => each.label === label);

describe('healthFigures', () => {
  it('names the source that is not read', () => {
    const sources = status.sources.map((source) => ({ ...source, status: 'blind' as const }));
    expect(figure('Log sources')).toMatchObject({ note: 'warehouse is behind', tone: 'warning' });
    expect(figure('Log sources', { sources })).toMatchObject({ value: '0 of 3 ok', tone: 'bad' });
    expect(figure('Log sources', { sources: [] })).toMatchObject({ note: 'nothing is read yet' });
    const silent = sources.map((source) => ({ ...source, status: 'ok' as const, cursor_at: null }));
    expect(figure('Log sources', { sources: silent })).toMatchObject({ note: 'waiting for the first line' });
  });

  it('is honest about learning', () => {
    expect(minutesToReady(services)).toBe(178);
    expect(figure('Services ready')).toMatchObject({ value: '6 of 8', tone: 'warning' });
    expect(figure('Services ready')?.note).toContain('1 warming · 1 cold · ready in ~2');
    expect(minutesToReady(services.filter(({ state }) => state === 'ready'))).toBeNull();
  });

  it('shows failed jobs before waiting ones', () => {
    expect(figure('Queue', { queue: { backend: 'redis', waiting: 12, failed: 2 } })).toMatchObject({
      value: '2 failed',
      tone: 'bad',
    });
  });
});
