import { apiPaths } from '../paths.ts';
import { call } from './client.ts';
import type { Status } from './types.ts';
import { useQuery } from './use-query.ts';

export const fetchStatus = (signal?: AbortSignal) =>
  call<Status>('GET', apiPaths.status(), signal ? { signal } : {});

export const useStatus = (tick: number) => useQuery('status', fetchStatus, { tick });
