import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { createHandlers } from '../../mocks/handlers.ts';
import { problem } from '../../mocks/problem.ts';
import { sourceId } from '../../mocks/shop-services.ts';
import { createShop } from '../../mocks/shop.ts';
import { API, pagePaths } from '../../paths.ts';
import { apiServer, NOW } from '../../test/api-server.ts';
import { currentUrl, renderApp, TIME } from '../../test/render-app.tsx';

const overview = pagePaths.overview(TIME);
const EMPTY = { items: [], next_cursor: null };

/** The swim lanes, once anomalies and services have been joined in. */
async function findGrid(): Promise<HTMLElement> {
  await screen.findAllByText(/checkout wrote 214 error lines/);
  return screen.findByRole('grid', { name: 'Anomaly score by service and time' });
}

describe('content', () => {
  it('shows health, lanes, open and recent anomalies', async () => {
    renderApp(overview);
    await findGrid();
    expect(screen.getByLabelText('Health of the detector')).toHaveTextContent('warehouse is behind');
    expect(screen.getAllByRole('row', { name: /checkout/ }).length).toBeGreaterThan(0);
    expect(screen.getAllByText(/inventory wrote no line for a minute/)[0]).toBeVisible();
    expect(screen.getByText('learning 82 %')).toBeVisible();
  });

  it('says that all is simulated only when every service is', async () => {
    const { services } = createShop(NOW);
    const answer = (items: typeof services, next_cursor: string | null = null) =>
      apiServer.use(http.get(`*${API}/services`, () => HttpResponse.json({ items, next_cursor })));
    const ALL = /^simulated These services, logs and anomalies are made by the simulated shop/;
    const show = async () => {
      const { unmount } = renderApp(overview);
      await findGrid();
      await screen.findByText(/of 8$/);
      const note = screen.queryByRole('note')?.textContent ?? '';
      const marked = screen.queryAllByText('simulated').length;
      unmount();
      return { note, marked };
    };
    expect(await show()).toMatchObject({ note: expect.stringMatching(ALL), marked: 1 });
    // One more service, that is real.
    answer(services.map((service) => ({ ...service, simulated: service.name !== 'auth' })));
    const mixed = await show();
    expect(mixed.note).toMatch(/Some services are made by the simulated shop/);
    expect(mixed.marked).toBeGreaterThan(7);
    // More services than the answer has: they may be real.
    answer(services, 'more');
    expect((await show()).note).not.toMatch(ALL);
    answer(services.map((service) => ({ ...service, simulated: false })));
    expect(await show()).toEqual({ note: '', marked: 0 });
  });

  it('keeps the time range in the links to anomalies', async () => {
    renderApp(overview);
    const [link] = await screen.findAllByRole('link', { name: /checkout wrote 214/ });
    expect(link).toHaveAttribute('href', expect.stringContaining(`from=${TIME.from}&to=${TIME.to}`));
  });
});

describe('swim lanes', () => {
  it('name every cell', async () => {
    renderApp(overview);
    const grid = await findGrid();
    const cells = within(grid).getAllByRole('gridcell');
    expect(cells.length).toBeGreaterThan(8 * 100);
    expect(cells.every((cell) => cell.getAttribute('aria-label'))).toBe(true);
    expect(
      within(grid).getAllByRole('gridcell', { name: /^inventory, .*, not judged, blind$/ }),
    ).toHaveLength(7);
  });

  it('are walked through with arrow keys, and Enter opens the anomaly of a cell', async () => {
    const user = userEvent.setup();
    renderApp(overview);
    const grid = await findGrid();
    grid.focus();
    await user.keyboard('{ArrowRight}{ArrowLeft}');
    const active = () => document.getElementById(grid.getAttribute('aria-activedescendant') ?? '');
    expect(active()).toHaveAccessibleName(/^checkout, .*, score 97, anomaly$/);
    expect(await screen.findByRole('tooltip')).toHaveTextContent('Click to open the anomaly');
    await user.keyboard('{ArrowDown}');
    expect(active()).toHaveAccessibleName(/^storefront/);
    await user.keyboard('{ArrowUp}{Enter}');
    await waitFor(() =>
      expect(currentUrl()).toMatch(/\/anomalies\/0192f000-0002-7000-8000-000000000001\?from=/),
    );
  });

  it('zoom in where a cell has no anomaly, and lose the active cell on Escape', async () => {
    const user = userEvent.setup();
    renderApp(overview);
    const grid = await findGrid();
    grid.focus();
    await user.keyboard('{ArrowRight}{Escape}');
    expect(grid).not.toHaveAttribute('aria-activedescendant');
    await user.keyboard('{ArrowRight}{Home}{Enter}');
    await waitFor(() => expect(currentUrl()).not.toContain(TIME.from));
    expect(new URLSearchParams(currentUrl().split('?')[1]).get('to')).toBe(
      String(Math.floor(Number(TIME.from) / 60_000) * 60_000 + 16 * 60_000),
    );
  });
});

describe('log sources that can not be read', () => {
  it('stand there with their reason, a link, and the services that are blind by them', async () => {
    apiServer.use(...createHandlers(() => NOW, { hasTrouble: true }));
    renderApp(overview);
    const grid = await findGrid();
    const alert = screen.getByRole('alert', { name: /2 log sources can not be read/ });
    expect(alert).toHaveTextContent(/edge.*answered 401: unable to authenticate user \[reader\]/);
    expect(alert).toHaveTextContent(/billing.*3 of 12 shards .* failed/);
    expect(alert).toHaveTextContent('Blind services: catalog, shipping.');
    expect(alert).not.toHaveTextContent('warehouse');
    expect(within(alert).getByRole('link', { name: 'edge' })).toHaveAttribute(
      'href',
      pagePaths.logSource(sourceId(10)),
    );
    expect(within(alert).getByRole('link', { name: 'All about the sources' })).toHaveAttribute(
      'href',
      pagePaths.logSources(),
    );
    expect(within(grid).getByRole('rowheader', { name: /^catalog/ })).toHaveTextContent('blind');
    expect(within(grid).getByRole('rowheader', { name: /^auth/ })).not.toHaveTextContent('blind');
    expect(screen.getByLabelText('Health of the detector')).toHaveTextContent('2 blind');
  });

  it('are not spoken of when all is read', async () => {
    renderApp(overview);
    await findGrid();
    expect(screen.queryByText(/can not be read/)).not.toBeInTheDocument();
  });
});

describe('other states', () => {
  it('loading', async () => {
    apiServer.use(http.get(`*${API}/windows/swim-lane`, () => delay('infinite')));
    renderApp(overview);
    expect(await screen.findByText('Loading the swim lanes')).toBeInTheDocument();
  });

  it('nothing judged yet, nothing open', async () => {
    apiServer.use(
      http.get(`*${API}/windows/swim-lane`, () =>
        HttpResponse.json({
          from: new Date(NOW).toISOString(),
          to: new Date(NOW).toISOString(),
          bucket_seconds: 60,
          lanes: [],
        }),
      ),
      http.get(`*${API}/anomalies`, () => HttpResponse.json(EMPTY)),
    );
    renderApp(overview);
    expect(await screen.findByText('No service has been judged yet')).toBeVisible();
    expect(await screen.findByText('No anomaly is open.')).toBeVisible();
  });

  it('another time than that of the logs: offers the last hour that was read', async () => {
    const user = userEvent.setup();
    const long_ago = NOW - 400 * 24 * 3_600_000;
    renderApp(pagePaths.overview({ from: String(long_ago - 3_600_000), to: String(long_ago) }));
    await user.click(await screen.findByRole('button', { name: 'Go to the last hour read' }));
    await findGrid();
  });

  it('error: says what failed, with code and request, and tries again', async () => {
    const user = userEvent.setup();
    apiServer.use(
      http.get(
        `*${API}/windows/swim-lane`,
        () => problem(503, 'database_unavailable', 'The database can not be reached'),
        {
          once: true,
        },
      ),
    );
    renderApp(overview);
    expect(await screen.findByText('Could not load the swim lanes')).toBeVisible();
    expect(screen.getByText('code database_unavailable · request req-mock-1')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await findGrid();
  });

  it('forbidden: says so, without a way to try again', async () => {
    apiServer.use(
      http.get(`*${API}/anomalies`, () => problem(403, 'forbidden', 'The key lacks a permission')),
    );
    renderApp(overview);
    expect((await screen.findAllByText('You may not see the anomalies'))[0]).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Try again' })).not.toBeInTheDocument();
  });

  it('detector down: points to the configuration', async () => {
    apiServer.use(http.get(`*${API}/*`, () => new HttpResponse(null, { status: 502 })));
    renderApp(overview);
    const [link] = await screen.findAllByRole('link', { name: 'Configuration' });
    expect(link).toHaveAttribute('href', pagePaths.configuration());
  });
});
