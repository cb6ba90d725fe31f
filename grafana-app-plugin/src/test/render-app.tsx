import { Suspense } from 'react';
import { render } from '@testing-library/react';
import { unstable_HistoryRouter as HistoryRouter, Route, Routes } from 'react-router-dom';
import { ThemeContext, createTheme } from '@grafana/data';
import { locationService, LocationServiceProvider } from '@grafana/runtime';
import { routerHistory } from '../../preview-host/router-history.ts';
import App from '../App.tsx';
import { PLUGIN_ID } from '../paths.ts';
import { NOW } from './api-server.ts';

/** The two hours of the shop, and no timer. */
export const TIME = { from: String(NOW - 2 * 3_600_000), to: String(NOW) };

/** Shows the app at a path, as Grafana does: its router under the history of the locationService. */
export function renderApp(path: string, mode: 'dark' | 'light' = 'dark') {
  locationService.replace(path);
  const props = { basename: `/a/${PLUGIN_ID}`, path, query: {}, onNavChanged: () => undefined };
  return render(
    <ThemeContext.Provider value={createTheme({ colors: { mode } })}>
      <HistoryRouter history={routerHistory(locationService.getHistory())}>
        <LocationServiceProvider service={locationService}>
          <Suspense fallback="page is loading">
            <Routes>
              <Route
                path={`/a/${PLUGIN_ID}/*`}
                element={<App {...(props as unknown as Parameters<typeof App>[0])} />}
              />
            </Routes>
          </Suspense>
        </LocationServiceProvider>
      </HistoryRouter>
    </ThemeContext.Provider>,
  );
}

export const currentUrl = (): string => {
  const { pathname, search } = locationService.getLocation();
  return `${pathname}${search}`;
};
