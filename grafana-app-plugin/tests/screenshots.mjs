// Looks at every page in both themes and two widths, with the mock API (or with --url http://127.0.0.1:3100 a running one):
// npm run screenshots -w grafana-app-plugin
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serveMock } from '../preview-host/serve-mock.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, '../.cache/screenshots');
const APP = '/a/seismolog-detector-app';
const API = '/api/plugin-proxy/seismolog-detector-app/v1';
const argument = (name) => {
  const index = process.argv.indexOf(name);
  return index < 0 ? undefined : process.argv[index + 1];
};

const server = argument('--url') ? null : await serveMock(0);
const url = argument('--url') ?? `http://127.0.0.1:${server.address().port}`;
const only = argument('--only');
const troubled = argument('--url') ? null : await serveMock(0, { hasTrouble: true });
const troubledUrl = troubled ? `http://127.0.0.1:${troubled.address().port}` : url;

const { items } = await (await fetch(`${url}${API}/anomalies?limit=100`)).json();
const ofKind = (kind) => items.find(({ anomaly_type }) => anomaly_type === kind) ?? items[0];
const pages = [
  { name: 'overview', path: `${APP}/overview?from=now-2h&to=now` },
  {
    name: 'overview-hover',
    path: `${APP}/overview`,
    act: async (page) => {
      await page.getByRole('grid').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowLeft');
    },
  },
  { name: 'anomaly', path: `${APP}/anomalies/${ofKind('error_surge').id}` },
  { name: 'anomaly-silence', path: `${APP}/anomalies/${ofKind('silence').id}` },
  {
    name: 'anomaly-minute',
    path: `${APP}/anomalies/${ofKind('mix_change').id}`,
    act: async (page) => {
      await page
        .locator('.u-over')
        .first()
        .hover({ position: { x: 120, y: 60 } });
      await page
        .locator('.u-over')
        .first()
        .click({ position: { x: 120, y: 60 } });
      await page.getByRole('button', { name: 'True positive' }).click();
      await page.getByText('Saved as true positive').waitFor();
    },
  },
  { name: 'anomalies', path: `${APP}/anomalies` },
  { name: 'overview-trouble', path: `${APP}/overview`, hasTrouble: true },
  { name: 'log-sources', path: `${APP}/log-sources`, hasTrouble: true },
  { name: 'log-source', path: `${APP}/log-sources/0192f000-0003-7000-8000-000000000002`, hasTrouble: true },
  {
    name: 'log-source-blind',
    path: `${APP}/log-sources/0192f000-0003-7000-8000-000000000011`,
    hasTrouble: true,
  },
  {
    name: 'log-source-new',
    path: `${APP}/log-sources/new`,
    act: async (page) => {
      await page.getByLabel('Index pattern').fill('logs-shop-*');
      await page.getByLabel('Query (optional)').fill('{"term": ');
      await page.getByRole('button', { name: 'Add source' }).click();
      await page.waitForTimeout(200);
    },
  },
  {
    name: 'log-source-preview',
    path: `${APP}/log-sources/new`,
    act: async (page) => {
      await page.getByLabel('Index pattern').fill('logs-shop-*');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByRole('table', { name: 'Sample documents' }).waitFor();
    },
  },
  { name: 'configuration', path: '/plugins/seismolog-detector-app' },
];

fs.mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
let problems = 0;
for (const theme of ['dark', 'light']) {
  for (const width of [700, 1280, 1920]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    page.on('pageerror', (error) => console.log(`page error: ${error.message}`, ++problems));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        console.log(`console error: ${message.text().slice(0, 300)}`, ++problems);
      }
    });
    for (const { name, path: pathname, act, hasTrouble } of pages.filter(
      (each) => !only || only.split(',').includes(each.name),
    )) {
      await page.goto(
        `${hasTrouble ? troubledUrl : url}${pathname}${pathname.includes('?') ? '&' : '?'}theme=${theme}`,
      );
      await page.locator('main').waitFor();
      await page.waitForTimeout(900);
      await act?.(page);
      await page.waitForTimeout(300);
      await page.screenshot({ path: path.join(out, `${name}-${theme}-${width}.png`), fullPage: true });
    }
    await page.close();
  }
}
await browser.close();
server?.close();
troubled?.close();
console.log(`screenshots in ${path.relative(process.cwd(), out)}, ${problems} problems`);
process.exitCode = problems > 0 ? 1 : 0;
