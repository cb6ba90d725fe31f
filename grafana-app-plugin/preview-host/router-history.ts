import type { To, unstable_HistoryRouter as HistoryRouter } from 'react-router-dom';

interface GrafanaLocation {
  pathname: string;
  search: string;
  hash: string;
  key?: string | undefined;
  state?: unknown;
}

/** History v4, as far as it is needed here. */
interface GrafanaHistory {
  readonly action: string;
  readonly location: GrafanaLocation;
  push(path: string, state?: unknown): void;
  replace(path: string, state?: unknown): void;
  go(delta: number): void;
  listen(listener: (location: GrafanaLocation, action: string) => void): () => void;
}

type RouterHistory = Parameters<typeof HistoryRouter>[0]['history'];

const textOf = (to: To): string =>
  typeof to === 'string' ? to : `${to.pathname ?? location.pathname}${to.search ?? ''}${to.hash ?? ''}`;

/** Grafana's locationService has history v4, react-router 6 wants what its own history looks like. */
export function routerHistory(history: GrafanaHistory): RouterHistory {
  const withKey = (at: GrafanaLocation) => ({ ...at, key: at.key ?? 'default', state: at.state ?? null });
  return {
    get action() {
      return history.action;
    },
    get location() {
      return withKey(history.location);
    },
    createHref: textOf,
    createURL: (to: To) => new URL(textOf(to), location.origin),
    encodeLocation: (to: To) => new URL(textOf(to), location.origin),
    push: (to: To, state?: unknown) => history.push(textOf(to), state),
    replace: (to: To, state?: unknown) => history.replace(textOf(to), state),
    go: (delta: number) => history.go(delta),
    listen: (listener: (update: object) => void) =>
      history.listen((at, action) => listener({ action, location: withKey(at), delta: null })),
  } as unknown as RouterHistory;
}
