import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { createHandlers } from '../../mocks/handlers.ts';
import { problem } from '../../mocks/problem.ts';
import { sourceId } from '../../mocks/shop-services.ts';
import { createShop } from '../../mocks/shop.ts';
import { API, pagePaths } from '../../paths.ts';
import { apiServer, NOW } from '../../test/api-server.ts';
import { renderApp } from '../../test/render-app.tsx';

const page = (index: number) => `${pagePaths.logSource(sourceId(index))}?refresh=off&timezone=utc`;
const WAREHOUSE = 1;
const EDGE = 10;

beforeEach(() => apiServer.use(...createHandlers(() => NOW, { hasTrouble: true })));

const value = async (name: string) => (await screen.findByText(name, { selector: 'dt' })).nextElementSibling;

describe('content', () => {
  it('shows health, settings and how documents are read', async () => {
    renderApp(page(WAREHOUSE));
    expect(await value('Lag')).toHaveTextContent('2 min');
    expect(await value('Coverage')).toHaveTextContent('97 %');
    expect(await value('Read lag')).toHaveTextContent('30 s');
    expect(await value('Index')).toHaveTextContent('logs-warehouse-*');
    const fields = within(screen.getByRole('table', { name: 'Fields' }));
    expect(fields.getByRole('row', { name: 'Severity level set for this source' })).toBeVisible();
    expect(fields.getByRole('row', { name: /^Message message ?$/ })).toBeVisible();
    expect(screen.getByText(/"must_not"/)).toBeVisible();
  });

  it('lists its shards, and a shard leads to its source', async () => {
    const { unmount } = renderApp(page(WAREHOUSE));
    expect(await screen.findByRole('link', { name: 'warehouse picking' })).toBeVisible();
    unmount();
    renderApp(page(2));
    expect(await screen.findByText(/Reads some of the services of/)).toBeVisible();
    expect(screen.getByRole('link', { name: 'warehouse' })).toHaveAttribute(
      'href',
      pagePaths.logSource(sourceId(WAREHOUSE)),
    );
  });

  it('says why it can not be read, since when, and what follows', async () => {
    renderApp(page(EDGE));
    const alert = await screen.findByRole('alert', { name: /edge can not be read/ });
    expect(alert).toHaveTextContent(/answered 401: .* Check OPENSEARCH_PASSWORD\./);
    expect(alert).toHaveTextContent('Its services are blind');
    await waitFor(() => expect(alert).toHaveTextContent(/Not read since 2026-03-04 11:39:00/));
    expect(alert).toHaveTextContent('Last tried 2026-03-04 12:00:');
  });

  it('of a pushed source has no index', async () => {
    renderApp(page(13));
    expect(await value('Type')).toHaveTextContent('Pushed');
    expect(screen.queryByText('Index', { selector: 'dt' })).not.toBeInTheDocument();
  });
});

describe('enabling', () => {
  it('disables after asking, and enables at once', async () => {
    const user = userEvent.setup();
    renderApp(page(WAREHOUSE));
    await user.click(await screen.findByRole('button', { name: 'Disable' }));
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent('Its lines are not read while it is disabled');
    await user.click(within(dialog).getByRole('button', { name: 'Disable' }));
    expect(await value('State')).toHaveTextContent('Disabled');
    await user.click(await screen.findByRole('button', { name: 'Enable' }));
    expect(await screen.findByRole('button', { name: 'Disable' })).toBeVisible();
  });

  it('says when that failed', async () => {
    const user = userEvent.setup();
    apiServer.use(http.patch(`*${API}/log-sources/:id`, () => problem(409, 'conflict', 'It is being split')));
    renderApp(page(14));
    await user.click(await screen.findByRole('button', { name: 'Enable' }));
    expect(await screen.findByText('The source was not changed')).toBeVisible();
    expect(screen.getByText(/It is being split/)).toBeVisible();
  });

  it('is not offered to who may not', async () => {
    apiServer.use(
      http.get(`*${API}/session`, () =>
        HttpResponse.json({ ...createShop(NOW).session, permissions: ['log-sources:read'] }),
      ),
    );
    renderApp(page(WAREHOUSE));
    await value('Lag');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Disable' })).not.toBeInTheDocument());
  });
});

describe('other states', () => {
  it('loading', async () => {
    apiServer.use(http.get(`*${API}/log-sources`, () => delay('infinite')));
    renderApp(page(WAREHOUSE));
    expect(await screen.findByText('Loading the log source')).toBeInTheDocument();
  });

  it('no such source', async () => {
    renderApp(page(77));
    expect(await screen.findByText('There is no such source')).toBeVisible();
  });

  it('error and forbidden', async () => {
    apiServer.use(http.get(`*${API}/log-sources`, () => problem(500, 'internal', 'The server failed')));
    const { unmount } = renderApp(page(WAREHOUSE));
    expect(await screen.findByText('Could not load the log source')).toBeVisible();
    unmount();
    apiServer.use(http.get(`*${API}/log-sources`, () => problem(403, 'forbidden', 'No')));
    renderApp(page(WAREHOUSE));
    expect(await screen.findByText('You may not see the log source')).toBeVisible();
  });

  it('shows what the list knows when the health of the source fails', async () => {
    apiServer.use(http.get(`*${API}/log-sources/:id/health`, () => problem(500, 'internal', 'No')));
    renderApp(page(WAREHOUSE));
    expect(await value('Lines read')).toHaveTextContent('182.4M');
  });
});
