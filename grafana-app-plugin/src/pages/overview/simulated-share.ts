import type { Page, Service } from '../../api/types.ts';

/** Whether all, some or none of the services are made by the simulated shop; none until they are known. */
export function simulatedShare(services: Page<Service> | undefined): 'all' | 'some' | 'none' {
  const { items = [], next_cursor = null } = services ?? {};
  if (!items.some(({ simulated }) => simulated)) {
    return 'none';
  }
  return next_cursor === null && items.every(({ simulated }) => simulated) ? 'all' : 'some';
}
