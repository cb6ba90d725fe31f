import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { problem } from '../../mocks/problem.ts';
import { createShop } from '../../mocks/shop.ts';
import { API, pagePaths } from '../../paths.ts';
import { apiServer, NOW } from '../../test/api-server.ts';
import { renderApp } from '../../test/render-app.tsx';

const shop = createShop(NOW);
const anomalyOf = (service: string) => {
  const found = shop.anomalies.find((anomaly) => anomaly.service === service);
  if (!found) {
    throw new Error(`The shop has no anomaly of ${service}`);
  }
  return found;
};
const checkout = anomalyOf('checkout');
const open = (id: string) => renderApp(pagePaths.anomaly(id, { from: 'now-1h', to: 'now' }));
const findTitle = (summary: string) => screen.findByRole('heading', { level: 1, name: summary });

describe('content', () => {
  it.each(shop.anomalies.map((anomaly) => [anomaly.anomaly_type, anomaly] as const))(
    'explains %s',
    async (_kind, anomaly) => {
      open(anomaly.id);
      expect(await findTitle(anomaly.summary)).toBeVisible();
      const table = screen.getByRole('table', { name: 'Contributions to the score' });
      const rows = within(table).getAllByRole('row').slice(1);
      const points = rows.map((row) =>
        Number(within(row).getAllByRole('cell').at(-1)?.textContent?.replace('−', '-')),
      );
      const score = points.at(-1) ?? NaN;
      const sum = points.slice(0, -1).reduce((total, value) => total + value, 0);
      expect(sum).toBeCloseTo(score, 0);
    },
  );

  it('shows facts, messages, lines, events and alerts', async () => {
    open(checkout.id);
    await findTitle(checkout.summary);
    expect(screen.getByText(/75 means a tail probability of 1e-6 per service-minute/)).toBeVisible();
    expect(screen.getAllByText('<num>', { selector: 'mark' }).length).toBeGreaterThan(3);
    expect(screen.getAllByText(/returned status 503 after 2140ms/)[0]).toBeVisible();
    expect(screen.getByText('Escalated')).toBeVisible();
    expect(screen.getAllByText('Ops webhook')).toHaveLength(2);
    expect(screen.getByText('simulated')).toBeVisible();
  });

  it('shows why an alert failed', async () => {
    open(anomalyOf('payments').id);
    expect(await screen.findByText(/The receiver answered 410/)).toBeVisible();
  });

  it('says so where no line was written', async () => {
    open(anomalyOf('inventory').id);
    expect(await screen.findByText(/the service was silent in this minute/)).toBeVisible();
    expect(screen.getAllByText('absent')).toHaveLength(2);
  });

  it('copies the sample lines', async () => {
    const user = userEvent.setup();
    Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
    open(checkout.id);
    await user.click(await screen.findByRole('button', { name: /Copy/ }));
    const copied = await navigator.clipboard.readText();
    expect(copied.split('\n')).toHaveLength(16);
    expect(copied).toMatch(/^2026-03-04T11:52:05.400Z ERROR Payment authorization failed/);
  });

  it('shows the lines around a sample line, and more of them', async () => {
    const user = userEvent.setup();
    open(checkout.id);
    const [, second] = checkout.explanation.sample_lines;
    const toggles = await screen.findAllByRole('button', { name: /^Lines around/ });
    expect(toggles).toHaveLength(16);
    await user.click(toggles[1]!);
    const around = await screen.findByRole('group', { name: 'Lines around' });
    expect(within(around).getAllByText(/request \d+ served/)).toHaveLength(10);
    expect(within(around).getByText(second!.message)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'More lines' }));
    await waitFor(() => expect(within(around).getAllByText(/request \d+ served/)).toHaveLength(100));
    await user.click(toggles[1]!);
    expect(screen.queryByRole('group', { name: 'Lines around' })).not.toBeInTheDocument();
  });

  it('says whose lines are missing and why, and reads them when asked to', async () => {
    const user = userEvent.setup();
    const missing = { log_source_id: 'a1', log_source: 'k8s', reason: 'It did not answer within 5 s.' };
    const explanation = { ...checkout.explanation, sample_lines: [], lines_before: [] };
    apiServer.use(
      http.get(`*${API}/anomalies/:id`, () =>
        HttpResponse.json({ ...checkout, explanation: { ...explanation, unread_sources: [missing] } }),
      ),
    );
    open(checkout.id);
    expect(await screen.findByText(/are missing here: It did not answer within 5 s\./)).toBeVisible();
    expect(screen.getByRole('link', { name: 'k8s' })).toHaveAttribute('href', pagePaths.logSource('a1'));
    expect(screen.getByText('No line was kept with this anomaly.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Lines around the start' }));
    expect(await screen.findByRole('group', { name: 'Lines around' })).toBeVisible();
  });

  it('says when the lines around are gone, or can not be loaded', async () => {
    const user = userEvent.setup();
    const nothing = { at: checkout.started_at, before: [], after: [], unread_sources: [] };
    apiServer.use(http.get(`*${API}/anomalies/:id/lines`, () => HttpResponse.json(nothing)));
    open(checkout.id);
    const [first, second] = await screen.findAllByRole('button', { name: /^Lines around/ });
    await user.click(first!);
    expect(await screen.findByText(/No line of the service is stored within ten minutes/)).toBeVisible();
    apiServer.use(
      http.get(`*${API}/anomalies/:id/lines`, () => problem(500, 'internal', 'The server failed')),
    );
    await user.click(second!);
    expect(await screen.findByText('Could not load the lines around')).toBeVisible();
  });

  it('explains another minute, which did not fire', async () => {
    const user = userEvent.setup();
    open(checkout.id);
    await findTitle(checkout.summary);
    await screen.findByText(/Why this score: worst minute \d/);
    for (let step = 0; step < 9; step += 1) {
      await user.click(screen.getByRole('button', { name: 'Explain the minute before' }));
    }
    expect(await screen.findByText(/checkout was as usual: \d+ lines, \d+ expected/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Worst minute' }));
    expect(await screen.findByText(/Why this score: worst minute/)).toBeVisible();
  });
});

describe('feedback', () => {
  it('is sent with its comment, confirmed and listed', async () => {
    const user = userEvent.setup();
    open(checkout.id);
    await user.type(await screen.findByLabelText('Comment (optional)'), 'Gateway was down');
    await user.click(screen.getByRole('button', { name: 'True positive' }));
    expect(await screen.findByText('Saved as true positive')).toBeVisible();
    expect(await screen.findByText('Gateway was down', { selector: 'p' })).toBeVisible();
  });

  it('keeps the comment when it could not be stored', async () => {
    const user = userEvent.setup();
    apiServer.use(
      http.post(`*${API}/feedback`, () => problem(403, 'forbidden', 'The key lacks a permission')),
    );
    open(checkout.id);
    const comment = await screen.findByLabelText('Comment (optional)');
    await user.type(comment, 'Known');
    await user.click(screen.getByRole('button', { name: 'False positive' }));
    expect(await screen.findByText('This feedback was not stored')).toBeVisible();
    expect(comment).toHaveValue('Known');
  });

  it('is not offered without the permission', async () => {
    apiServer.use(
      http.get(`*${API}/session`, () =>
        HttpResponse.json({ ...shop.session, permissions: ['anomalies:read'] }),
      ),
    );
    open(checkout.id);
    expect(await screen.findByText('You can read feedback, not give it')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'True positive' })).not.toBeInTheDocument();
  });
});

describe('other states', () => {
  it('loading', async () => {
    apiServer.use(http.get(`*${API}/anomalies/:id`, () => delay('infinite')));
    open(checkout.id);
    expect(await screen.findByText('Loading the anomaly')).toBeInTheDocument();
  });

  it('no such anomaly', async () => {
    open('0192f000-0002-7000-8000-999999999999');
    expect(await screen.findByText('There is no such anomaly')).toBeVisible();
  });

  it('error', async () => {
    apiServer.use(http.get(`*${API}/anomalies/:id`, () => problem(500, 'internal', 'The server failed')));
    open(checkout.id);
    expect(await screen.findByText('Could not load the anomaly')).toBeVisible();
  });

  it('forbidden', async () => {
    apiServer.use(http.get(`*${API}/anomalies/:id`, () => problem(403, 'forbidden', 'No')));
    open(checkout.id);
    expect(await screen.findByText('You may not see the anomaly')).toBeVisible();
  });

  it('windows gone: the explanation stays', async () => {
    apiServer.use(http.get(`*${API}/windows`, () => HttpResponse.json({ items: [], next_cursor: null })));
    open(checkout.id);
    expect(await screen.findByText('The windows of this time are gone')).toBeVisible();
    expect(screen.getByRole('table', { name: 'Contributions to the score' })).toBeVisible();
  });
});
