import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveMock } from '../preview-host/serve-mock.mjs';

const CHROMIUM = '/usr/bin/chromium';
const BUILT = new URL('../preview-host/dist/index.html', import.meta.url);
const missing = [
  !existsSync(CHROMIUM) && CHROMIUM,
  !existsSync(BUILT) && 'the built preview host (npm run build -w grafana-app-plugin)',
].filter(Boolean);

describe.skipIf(missing.length > 0)(
  `the built plugin in the preview host${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}`,
  () => {
    let server: Server;
    let browser: Browser;
    let url: string;

    beforeAll(async () => {
      server = await serveMock(0);
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    });
    afterAll(async () => {
      await browser?.close();
      server?.close();
    });

    async function open(path: string): Promise<{ page: Page; problems: string[] }> {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      await page.goto(`${url}${path}`);
      return { page, problems };
    }

    it('goes from the overview to an anomaly, takes feedback, and comes back', async () => {
      const { page, problems } = await open('/');
      await page.getByText('Preview host, not Grafana').waitFor();
      await page.getByRole('grid', { name: 'Anomaly score by service and time' }).waitFor();
      await page.getByRole('link', { name: /checkout wrote 214 error lines/ }).click();
      await page.getByRole('heading', { level: 1, name: /checkout wrote 214/ }).waitFor();
      expect(page.url()).toContain('/a/seismolog-detector-app/anomalies/');
      await page.locator('canvas').first().waitFor();
      await page.getByRole('button', { name: 'False positive' }).click();
      await page.getByText('Saved as false positive').waitFor();
      await page.goBack();
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      expect(problems).toEqual([]);
      await page.close();
    });

    it('a click on a minute of the chart explains that minute', async () => {
      const { page, problems } = await open(
        '/a/seismolog-detector-app/anomalies/0192f000-0002-7000-8000-000000000003',
      );
      const plot = page.locator('.u-over').first();
      await plot.hover({ position: { x: 120, y: 60 } });
      await plot.click({ position: { x: 120, y: 60 } });
      await page.getByText(/auth was as usual/).waitFor();
      expect(problems).toEqual([]);
      await page.close();
    });

    it('adds a log source after a preview, and leads to it', async () => {
      const { page, problems } = await open('/a/seismolog-detector-app/log-sources');
      await page.getByRole('link', { name: 'Add source' }).click();
      await page.getByLabel('Index pattern').fill('logs-shop-*');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByRole('table', { name: 'Sample documents' }).waitFor();
      await page.getByLabel('Name', { exact: false }).first().fill('shop index');
      await page.getByRole('button', { name: 'Add source' }).click();
      await page.getByRole('heading', { level: 1, name: 'shop index' }).waitFor();
      await page.getByRole('progressbar', { name: 'Backfill of shop index' }).waitFor();
      expect(problems).toEqual([]);
      await page.close();
    });

    it('changes the theme and remembers it', async () => {
      const { page } = await open('/?theme=light');
      await page.getByRole('button', { name: 'Dark theme' }).click();
      await page.getByRole('button', { name: 'Light theme' }).waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Light theme' }).waitFor();
      await page.close();
    });

    it('nothing is wider than the page', async () => {
      const { page } = await open('/a/seismolog-detector-app/anomalies/0192f000-0002-7000-8000-000000000001');
      await page.getByText('Contributing messages').waitFor();
      const widths = await page.evaluate('[document.documentElement.scrollWidth, window.innerWidth]');
      expect(widths).toEqual([1280, 1280]);
      await page.close();
    });
  },
);
