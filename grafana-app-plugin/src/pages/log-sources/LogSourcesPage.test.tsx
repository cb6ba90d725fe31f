import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import type { LogSource } from '../../api/log-source-types.ts';
import { createHandlers } from '../../mocks/handlers.ts';
import { problem } from '../../mocks/problem.ts';
import { logSource } from '../../mocks/shop-log-sources.ts';
import { sourceId } from '../../mocks/shop-services.ts';
import { createShop } from '../../mocks/shop.ts';
import { API, pagePaths } from '../../paths.ts';
import { apiServer, NOW } from '../../test/api-server.ts';
import { currentUrl, renderApp } from '../../test/render-app.tsx';

const page = (query: { status?: string } = {}) => {
  const path = pagePaths.logSources(query);
  return `${path}${path.includes('?') ? '&' : '?'}refresh=off`;
};
const answer = (items: LogSource[], next_cursor: string | null = null) =>
  http.get(`*${API}/log-sources`, () => HttpResponse.json({ items, next_cursor }));
/** The row of a source; its name is that of its link. */
const row = async (name: string) => (await screen.findByRole('link', { name })).closest('tr') as HTMLElement;
const below = (element: HTMLElement) => element.nextElementSibling as HTMLElement;

describe('content', () => {
  beforeEach(() => apiServer.use(...createHandlers(() => NOW, { hasTrouble: true })));

  it('says in words how each source is read', async () => {
    renderApp(page());
    expect(await row('shop')).toHaveTextContent('OK');
    expect(await row('warehouse')).toHaveTextContent(/logs-warehouse-\*.*Behind.*2 min/);
    expect(await row('edge')).toHaveTextContent(/Blind.*its services are not judged/);
    expect(await row('billing')).toHaveTextContent('Error');
    expect(await row('mobile')).toHaveTextContent('Catching up');
    expect(await row('new pushes')).toHaveTextContent(/Waiting.*no line has come yet/);
    expect(await row('old recording')).toHaveTextContent('Disabled');
  });

  it('counts lines read, late lines and re-read slices', async () => {
    renderApp(page());
    const cells = within(await row('warehouse')).getAllByRole('cell');
    expect(cells.slice(3).map(({ textContent }) => textContent)).toEqual(['182.4M', '4,120', '611']);
  });

  it('says why a source is not read, in full, below it', async () => {
    renderApp(page());
    expect(below(await row('edge'))).toHaveTextContent(
      /answered 401: unable to authenticate user \[reader\] .*Check OPENSEARCH_PASSWORD\.$/,
    );
    expect(below(await row('billing'))).toHaveTextContent('3 of 12 shards of logs-billing-2026.03.04 failed');
  });

  it('says which share of the lines was not mined', async () => {
    renderApp(page());
    expect(below(await row('warehouse'))).toHaveTextContent('3 % of lines counted but not mined');
    expect(screen.getAllByText(/not mined/)).toHaveLength(1);
  });

  it('shows how far a new source has come, and the time to go', async () => {
    renderApp(page());
    const bar = await screen.findByRole('progressbar', { name: 'Backfill of mobile' });
    expect(bar).toHaveAttribute('aria-valuenow', '52');
    expect(bar.parentElement).toHaveTextContent(/Reads the last 24 h first.*52 %, about 4 min to go/);
  });

  it('groups shards below the source that they were split from', async () => {
    renderApp(page());
    const shard = await row('warehouse picking');
    expect(shard).toHaveTextContent('shard of warehouse');
    const names = [...screen.getByRole('table').querySelectorAll('tbody')].map((group) =>
      [...group.querySelectorAll('a')].map(({ textContent }) => textContent),
    );
    expect(names).toContainEqual(['warehouse', 'warehouse picking']);
    expect(await row('warehouse')).toHaveTextContent('1 shard split off');
  });

  it('shows what is not read first', async () => {
    renderApp(page());
    await row('edge');
    const names = within(screen.getByRole('table'))
      .getAllByRole('link')
      .map(({ textContent }) => textContent);
    expect(names.slice(0, 3)).toEqual(['edge', 'billing', 'shop']);
  });

  it('keeps the state that is asked for in the URL', async () => {
    const user = userEvent.setup();
    renderApp(page());
    await row('edge');
    await user.click(screen.getByRole('radio', { name: 'Blind 1' }));
    await waitFor(() => expect(currentUrl()).toContain('status=blind'));
    await waitFor(() => expect(screen.queryByText('shop')).not.toBeInTheDocument());
    expect(await row('edge')).toBeVisible();
  });

  it('leads to each source', async () => {
    renderApp(page());
    const link = await screen.findByRole('link', { name: 'edge' });
    expect(link).toHaveAttribute('href', pagePaths.logSource(sourceId(10)));
  });
});

it('asks again by itself, every five seconds', async () => {
  let calls = 0;
  apiServer.use(
    http.get(`*${API}/log-sources`, () => {
      calls += 1;
      return HttpResponse.json({
        items: [logSource(NOW, 1, { name: 'push', lines_read: calls })],
        next_cursor: null,
      });
    }),
  );
  renderApp(pagePaths.logSources());
  await row('push');
  await waitFor(
    () => expect(within(screen.getByRole('table')).getAllByRole('cell')[3]).toHaveTextContent('2'),
    {
      timeout: 7000,
    },
  );
});

it('follows the pages of the list', async () => {
  apiServer.use(
    http.get(`*${API}/log-sources`, ({ request }) => {
      const isSecond = new URL(request.url).searchParams.get('cursor') === 'p2';
      const items = [logSource(NOW, isSecond ? 2 : 1, { name: isSecond ? 'last' : 'first' })];
      return HttpResponse.json({ items, next_cursor: isSecond ? null : 'p2' });
    }),
  );
  renderApp(page());
  expect(await row('first')).toBeVisible();
  expect(await row('last')).toBeVisible();
});

describe('other states', () => {
  it('loading', async () => {
    apiServer.use(http.get(`*${API}/log-sources`, () => delay('infinite')));
    renderApp(page());
    expect(await screen.findByText('Loading the log sources')).toBeInTheDocument();
  });

  it('empty: says both ways to a first source', async () => {
    apiServer.use(answer([]));
    renderApp(page());
    expect(await screen.findByText('No source yet')).toBeVisible();
    expect(screen.getByText(/POST \/api\/v1\/logs/)).toBeVisible();
    expect(screen.getByRole('link', { name: 'Read an Elasticsearch or OpenSearch index' })).toHaveAttribute(
      'href',
      pagePaths.newLogSource(),
    );
  });

  it('no source in the state of the URL', async () => {
    const user = userEvent.setup();
    renderApp(page({ status: 'blind' }));
    expect(await screen.findByText('No source is in this state')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Show all' }));
    expect(await row('shop')).toBeVisible();
  });

  it('a failed refresh keeps the list and says so', async () => {
    const user = userEvent.setup();
    renderApp(page());
    await row('shop');
    apiServer.use(
      http.get(`*${API}/log-sources`, () =>
        problem(503, 'database_unavailable', 'The database can not be reached'),
      ),
    );
    await user.click(screen.getByRole('button', { name: 'Refresh' }));
    expect(await screen.findByText('Could not load the log sources')).toBeVisible();
    expect(await row('shop')).toBeVisible();
  });

  it('forbidden', async () => {
    apiServer.use(http.get(`*${API}/log-sources`, () => problem(403, 'forbidden', 'No')));
    renderApp(page());
    expect(await screen.findByText('You may not see the log sources')).toBeVisible();
    expect(screen.queryByRole('table')).not.toBeInTheDocument();
  });

  it('who may not add a source is not asked to', async () => {
    apiServer.use(
      answer([]),
      http.get(`*${API}/session`, () =>
        HttpResponse.json({ ...createShop(NOW).session, permissions: ['log-sources:read'] }),
      ),
    );
    renderApp(page());
    expect(await screen.findByText('No source yet')).toBeVisible();
    await waitFor(() =>
      expect(screen.queryByRole('link', { name: /Add source|index/ })).not.toBeInTheDocument(),
    );
  });
});
