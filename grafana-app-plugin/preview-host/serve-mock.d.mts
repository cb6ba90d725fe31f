import type { Server } from 'node:http';

/** Serves the built preview host with the mock API on a port of loopback; 0 takes a free one. */
export function serveMock(port: number, options?: { hasTrouble?: boolean }): Promise<Server>;
