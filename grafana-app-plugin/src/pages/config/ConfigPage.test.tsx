import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { AppPlugin, type AppPluginMeta } from '@grafana/data';
import { API, settingsPath } from '../../paths.ts';
import { apiServer } from '../../test/api-server.ts';
import type { AppSettings } from './app-settings.ts';
import ConfigPage from './ConfigPage.tsx';

function renderConfig(meta: Partial<AppPluginMeta<AppSettings>>) {
  const plugin = new AppPlugin<AppSettings>();
  plugin.meta = { enabled: true, pinned: true, ...meta } as AppPluginMeta<AppSettings>;
  return render(<ConfigPage plugin={plugin} query={{}} />);
}

describe('settings', () => {
  it('are saved without a trailing slash, and without the key that did not change', async () => {
    const user = userEvent.setup();
    const bodies: unknown[] = [];
    apiServer.use(
      http.post(`*${settingsPath()}`, async ({ request }) => {
        bodies.push(await request.json());
        return HttpResponse.json({ message: 'No disk space' }, { status: 500 });
      }),
    );
    renderConfig({ jsonData: { apiUrl: 'http://old:1' }, secureJsonFields: { apiKey: true } });
    await user.clear(screen.getByLabelText(/API URL/));
    await user.type(screen.getByLabelText(/API URL/), 'http://detector:3100/');
    await user.click(screen.getByRole('button', { name: 'Save settings' }));
    expect(await screen.findByText('Could not save the settings')).toBeVisible();
    expect(bodies).toEqual([{ enabled: true, pinned: true, jsonData: { apiUrl: 'http://detector:3100' } }]);
  });

  it('need a URL and a key', async () => {
    const user = userEvent.setup();
    renderConfig({});
    const save = screen.getByRole('button', { name: 'Save settings' });
    await user.type(screen.getByLabelText(/API URL/), 'detector:3100');
    await user.type(screen.getByLabelText(/API key/), 'secret');
    expect(save).toBeDisabled();
    expect(screen.getByText('Begin with http:// or https://')).toBeVisible();
    await user.clear(screen.getByLabelText(/API URL/));
    await user.type(screen.getByLabelText(/API URL/), 'https://detector');
    expect(save).toBeEnabled();
  });
});

describe('connection test', () => {
  it('names tenant and actor', async () => {
    const user = userEvent.setup();
    renderConfig({});
    await user.click(screen.getByRole('button', { name: 'Test connection' }));
    expect(await screen.findByText('Connected to tenant Acme')).toBeVisible();
    expect(screen.getByText(/You act as preview/)).toBeVisible();
  });

  it('says why it failed', async () => {
    const user = userEvent.setup();
    apiServer.use(http.get(`*${API}/*`, () => new HttpResponse(null, { status: 502 })));
    renderConfig({});
    await user.click(screen.getByRole('button', { name: 'Test connection' }));
    expect(await screen.findByText(/The detector can not be reached/)).toBeVisible();
  });
});
