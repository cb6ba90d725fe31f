import { apiPaths } from '../paths.ts';
import { call } from './client.ts';
import type { Page, Service } from './types.ts';
import { useQuery } from './use-query.ts';

export const useServices = (tick = 0) =>
  useQuery('services', (signal) => call<Page<Service>>('GET', apiPaths.services(), { signal }), { tick });
