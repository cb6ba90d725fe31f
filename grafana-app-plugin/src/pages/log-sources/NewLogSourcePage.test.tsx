import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { problem } from '../../mocks/problem.ts';
import { createShop } from '../../mocks/shop.ts';
import { API, pagePaths } from '../../paths.ts';
import { apiServer, NOW } from '../../test/api-server.ts';
import { currentUrl, renderApp } from '../../test/render-app.tsx';

const PREVIEW = `*${API}/log-sources/preview`;

async function openForm(query = '') {
  const user = userEvent.setup();
  renderApp(`${pagePaths.newLogSource()}${query}`);
  await screen.findByLabelText(/^Index pattern/);
  const type = (label: RegExp, text: string) =>
    user.type(screen.getByLabelText(label), text.replace(/[{[]/g, '$&$&'));
  const click = (name: string) => user.click(screen.getByRole('button', { name }));
  return { user, type, click };
}

describe('form', () => {
  it('shows the ECS names that are read where nothing is typed', async () => {
    await openForm();
    expect(screen.getByLabelText(/^Time of the event/)).toHaveAttribute('placeholder', '@timestamp');
    expect(screen.getByLabelText(/^Service/)).toHaveAttribute('placeholder', 'service.name');
    expect(screen.getByLabelText(/^Severity/)).toHaveAttribute('placeholder', 'log.level');
    expect(screen.getByLabelText(/^Cursor/)).toHaveAttribute('placeholder', 'event.ingested');
  });

  it('adds a source and leads to it', async () => {
    const bodies: unknown[] = [];
    apiServer.events.on('request:start', async ({ request }) => {
      if (request.method === 'POST') {
        bodies.push(await request.clone().json());
      }
    });
    const { type, click, user } = await openForm();
    await user.click(screen.getByRole('radio', { name: 'OpenSearch' }));
    await type(/^Name/, 'shop logs');
    await type(/^Index pattern/, 'logs-shop-*');
    await type(/^Severity/, 'level');
    await type(/^Query/, '{"term": {"env": "prod"}}');
    await click('Add source');
    expect(await screen.findByText('Catching up')).toBeVisible();
    expect(currentUrl()).toMatch(/log-sources\/0192f000-0003/);
    expect(bodies).toEqual([
      {
        name: 'shop logs',
        source_type: 'opensearch',
        connection_config: {
          index: 'logs-shop-*',
          query: { term: { env: 'prod' } },
          fields: { severity: 'level' },
        },
        backfill_hours: 24,
      },
    ]);
    apiServer.events.removeAllListeners();
  });

  it('keeps the engine in the URL, and what was typed', async () => {
    const { type, user } = await openForm('?source_type=opensearch');
    expect(screen.getByRole('radio', { name: 'OpenSearch' })).toBeChecked();
    await type(/^Index pattern/, 'logs');
    await user.click(screen.getByRole('radio', { name: 'Elasticsearch' }));
    await waitFor(() => expect(currentUrl()).toContain('source_type=elasticsearch'));
    expect(screen.getByLabelText(/^Index pattern/)).toHaveValue('logs');
  });

  it('says at each input what is wrong, without a call', async () => {
    const { type, click } = await openForm();
    await type(/^Query/, '{"term"');
    await click('Add source');
    expect(await screen.findByText(/Which index is read/)).toBeVisible();
    expect(screen.getByText(/Begin with a letter or digit/)).toBeVisible();
    expect(screen.getByText(/This is no JSON object/)).toBeVisible();
    expect(screen.getByLabelText(/^Index pattern/)).toBeInvalid();
  });

  it('shows an error of the API at the input that it names', async () => {
    const { type, click } = await openForm();
    await type(/^Name/, 'shop');
    await type(/^Index pattern/, 'logs-*');
    await click('Add source');
    expect(await screen.findByText(/There is a log source named "shop"/)).toBeVisible();
    expect(screen.getByLabelText(/^Name/)).toBeInvalid();
    expect(screen.getByLabelText(/^Index pattern/)).toBeValid();
  });

  it('shows any other error above the buttons, and keeps what was typed', async () => {
    apiServer.use(
      http.post(`*${API}/log-sources`, () =>
        problem(
          503,
          'log_store_unavailable',
          'Elasticsearch can not be reached',
          'connect ECONNREFUSED 10.0.0.9:9200',
        ),
      ),
    );
    const { type, click } = await openForm();
    await type(/^Name/, 'mine');
    await type(/^Index pattern/, 'logs-*');
    await click('Add source');
    expect(await screen.findByText('The source was not added')).toBeVisible();
    expect(screen.getByText(/connect ECONNREFUSED 10.0.0.9:9200/)).toBeVisible();
    expect(screen.getByLabelText(/^Name/)).toHaveValue('mine');
  });

  it('is not shown to who may not add a source', async () => {
    apiServer.use(
      http.get(`*${API}/session`, () =>
        HttpResponse.json({ ...createShop(NOW).session, permissions: ['log-sources:read'] }),
      ),
    );
    renderApp(pagePaths.newLogSource());
    expect(await screen.findByText('You may not add a source')).toBeVisible();
    expect(screen.queryByLabelText(/^Index pattern/)).not.toBeInTheDocument();
  });
});

describe('preview', () => {
  async function preview(index = 'logs-*') {
    const form = await openForm();
    await form.type(/^Index pattern/, index);
    await form.click('Preview');
    return form;
  }

  it('shows documents as they would be read, the fields found, problems and how long it takes', async () => {
    await preview();
    const documents = within(await screen.findByRole('table', { name: 'Sample documents' }));
    const rows = documents.getAllByRole('row');
    expect(rows).toHaveLength(21);
    expect(rows[3]).toHaveTextContent(/error.*checkout.*payment refused/);
    expect(rows[4]).toHaveTextContent(/unknown.*inventory/);
    const fields = within(screen.getByRole('table', { name: 'Fields found' }));
    expect(fields.getByRole('row', { name: 'Severity log.level 75 %' })).toBeVisible();
    expect(fields.getByRole('row', { name: 'Cursor event.ingested 100 %' })).toBeVisible();
    expect(fields.getByRole('row', { name: 'Release service.version none' })).toBeVisible();
    expect(screen.getByText(/"log.level" can not be grouped by/)).toHaveTextContent(/^Severity: /);
    expect(
      screen.getByText(
        /14 indices, 1.2M documents in the last 24 hours; about 1.2M are read first, in about 2.min/,
      ),
    ).toBeVisible();
  });

  it('is marked as old once the form changes, but not by a name', async () => {
    const { type } = await preview();
    await screen.findByRole('table', { name: 'Sample documents' });
    await type(/^Name/, 'shop');
    expect(screen.queryByText('the form changed since')).not.toBeInTheDocument();
    await type(/^Severity/, 'level');
    expect(screen.getByText('the form changed since')).toBeVisible();
  });

  it('says while it is being made', async () => {
    apiServer.use(http.post(PREVIEW, () => delay('infinite')));
    await preview();
    expect(await screen.findByText('Reading sample documents')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Preview' })).toBeDisabled();
  });

  it('of an index that is not there says so at the index', async () => {
    await preview('missing-*');
    expect(await screen.findByText(/No index matches missing-\*: check the pattern/)).toBeVisible();
  });

  it('without documents and without a cursor says so', async () => {
    apiServer.use(
      http.post(PREVIEW, () =>
        HttpResponse.json({
          lines: [],
          fields: [{ field: 'message', path: 'message', found: null, is_indexed: false }],
          cursor_field: 'event.ingested',
          has_cursor_field: false,
          indices: 0,
          documents_24h: 0,
          backfill_documents: 0,
          backfill_seconds: 0,
          problems: [{ field: 'connection_config.index', message: 'No index matches "logs-*" so far.' }],
        }),
      ),
    );
    await preview();
    expect(await screen.findByText('No document matches.')).toBeVisible();
    expect(screen.getByText(/The index has no date field/)).toHaveTextContent(
      /event.ingested.*late ones cost more/,
    );
    expect(screen.getByText(/^0 indices, 0 documents .* nothing is read before the new ones/)).toBeVisible();
    expect(screen.getByText(/No index matches "logs-\*" so far/)).toHaveTextContent(/^Index pattern: /);
  });
});
