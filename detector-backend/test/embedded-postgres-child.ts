import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts';
import { createLogger } from '../src/platform/logger.ts';

// A process to be killed: prints the address of its server and waits.
const postgres = await startEmbeddedPostgres({
  dir: process.argv[2] ?? '',
  fsync: false,
  logger: createLogger({ level: 'silent' }),
});
process.stdout.write(`${postgres.owner_url}\n`);
setInterval(() => undefined, 60_000);
