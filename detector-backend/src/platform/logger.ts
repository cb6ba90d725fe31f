import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** What must never reach a log file, wherever it stands in a logged object (two levels deep). */
const REDACTED_KEYS = [
  'authorization',
  'cookie',
  'password',
  'password_hash',
  'secret',
  'secret_key',
  'api_key',
  'token',
  'database_url',
  'owner_database_url',
  'redis_url',
  'owner_url',
  'app_url',
];

/**
 * Creates the process's logger: JSON lines with ISO times, secrets replaced.
 * Levels: `error` someone must act, `warn` the product goes on with less, `info` a change of state, `debug` a single job or request.
 */
export function createLogger(
  options: { level: string; service?: string },
  destination?: DestinationStream,
): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service ?? 'seismolog' },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: errorFields },
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: REDACTED_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: '[redacted]',
    },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

/** What a log line says of an error. Not all it carries: the errors of pg hold the whole client, passwords included. */
function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  return { name, message, ...(code === undefined ? {} : { code }), stack };
}
