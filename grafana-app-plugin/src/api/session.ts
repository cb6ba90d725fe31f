import { apiPaths } from '../paths.ts';
import { call } from './client.ts';
import type { Session } from './types.ts';
import { useQuery } from './use-query.ts';

export const fetchSession = (signal?: AbortSignal) =>
  call<Session>('GET', apiPaths.session(), signal ? { signal } : {});

export const useSession = () => useQuery('session', fetchSession);

/** `anomalies:read` is granted by itself, by `anomalies:*` and by `*`. */
export const isPermitted = (session: Session, permission: string): boolean =>
  session.permissions.some(
    (granted) => granted === '*' || granted === permission || granted === `${permission.split(':')[0]}:*`,
  );
