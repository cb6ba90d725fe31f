import { setupServer } from 'msw/node';
import { createHandlers } from '../mocks/handlers.ts';

/** Where the shop's clock stands in tests. */
export const NOW = Date.parse('2026-03-04T12:00:30Z');

export const apiServer = setupServer(...createHandlers(() => NOW));
