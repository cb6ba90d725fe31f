// First: uPlot asks for matchMedia when it is loaded.
import './src/test/browser-stubs.ts';
import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { EventBusSrv } from '@grafana/data';
import { setAppEvents, setBackendSrv } from '@grafana/runtime';
import { setPluginPage } from '../node_modules/@grafana/runtime/dist/esm/components/PluginPage.mjs';
import { createBackendSrv } from './preview-host/backend-srv.ts';
import { HostPage } from './preview-host/HostFrame.tsx';
import { apiServer } from './src/test/api-server.ts';

const events = new EventBusSrv();
setAppEvents(events);
setBackendSrv(createBackendSrv(events));
setPluginPage(HostPage);
configure({ asyncUtilTimeout: 5000 });

beforeAll(() => apiServer.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  cleanup();
  apiServer.resetHandlers();
});
afterAll(() => apiServer.close());
