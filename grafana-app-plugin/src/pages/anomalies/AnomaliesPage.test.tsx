import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { problem } from '../../mocks/problem.ts';
import { createShop } from '../../mocks/shop.ts';
import { API, pagePaths } from '../../paths.ts';
import { apiServer, NOW } from '../../test/api-server.ts';
import { currentUrl, renderApp, TIME } from '../../test/render-app.tsx';

const list = (query: Record<string, string> = {}) => pagePaths.anomalies({ ...TIME, ...query });

it('lists every anomaly of the range, newest first, each marked as simulated', async () => {
  renderApp(list());
  const links = await screen.findAllByRole('link', { name: /wrote|took/ });
  expect(links[0]).toHaveTextContent(/^checkout/);
  expect(links).toHaveLength(7);
  expect(screen.getAllByText('simulated')).toHaveLength(7);
  expect(screen.queryByRole('button', { name: 'Older' })).not.toBeInTheDocument();
});

it('keeps filters in the URL', async () => {
  const user = userEvent.setup();
  renderApp(list({ status: 'resolved' }));
  expect(await screen.findByText(/storefront wrote 4,210/)).toBeVisible();
  expect(screen.queryByText(/checkout wrote/)).not.toBeInTheDocument();
  await user.click(screen.getByRole('radio', { name: 'Medium' }));
  await waitFor(() => expect(screen.queryByText(/storefront wrote/)).not.toBeInTheDocument());
  expect(currentUrl()).toContain('status=resolved');
  expect(currentUrl()).toContain('severity=medium');
});

it('ignores a filter that does not exist', async () => {
  renderApp(list({ status: 'closed' }));
  expect(await screen.findByText(/checkout wrote/)).toBeVisible();
});

it('pages by cursor, and goes back to the first page with another filter', async () => {
  const user = userEvent.setup();
  const [first, second] = createShop(NOW).anomalies;
  apiServer.use(
    http.get(`*${API}/anomalies`, ({ request }) => {
      const cursor = new URL(request.url).searchParams.get('cursor');
      return HttpResponse.json(
        cursor === 'page-2'
          ? { items: [second], next_cursor: null }
          : { items: [first], next_cursor: 'page-2' },
      );
    }),
  );
  renderApp(list());
  await user.click(await screen.findByRole('button', { name: 'Older' }));
  expect(await screen.findByText(second?.summary ?? '')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Older' })).toBeDisabled();
  await user.click(screen.getByRole('radio', { name: 'Open' }));
  expect(await screen.findByText(first?.summary ?? '')).toBeVisible();
});

describe('other states', () => {
  it('loading', async () => {
    apiServer.use(http.get(`*${API}/anomalies`, () => delay('infinite')));
    renderApp(list());
    expect(await screen.findByText('Loading the anomalies')).toBeInTheDocument();
  });

  it('empty, and empty because of the filter', async () => {
    const user = userEvent.setup();
    apiServer.use(http.get(`*${API}/anomalies`, () => HttpResponse.json({ items: [], next_cursor: null })));
    renderApp(list({ severity: 'low' }));
    expect(await screen.findByText('No anomaly matches')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Clear the filter' }));
    expect(await screen.findByText('No anomaly in this time range')).toBeVisible();
  });

  it('error', async () => {
    apiServer.use(http.get(`*${API}/anomalies`, () => problem(500, 'internal', 'The server failed')));
    renderApp(list());
    expect(await screen.findByText('Could not load the anomalies')).toBeVisible();
  });

  it('forbidden', async () => {
    apiServer.use(http.get(`*${API}/anomalies`, () => problem(403, 'forbidden', 'No')));
    renderApp(list());
    expect(await screen.findByText('You may not see the anomalies')).toBeVisible();
  });
});
