import { AppError } from '../platform/errors.ts';

// SQLSTATE: connection exceptions, server shutting down or starting, too many connections; and Node's socket errors.
const UNAVAILABLE = /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
// What node-postgres throws without a code.
const UNAVAILABLE_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;

/** Runs a call to the database; turns "can not be reached" into `log_store_unavailable`, which may be retried. */
export async function reachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code = '', message = '' } = cause as { code?: string; message?: string };
    if (!UNAVAILABLE.test(code) && !UNAVAILABLE_MESSAGE.test(message)) throw cause;
    throw new AppError(
      'log_store_unavailable',
      'The log store did not answer: send the same request again later.',
      {
        cause,
        retryAfterSeconds: 5,
      },
    );
  }
}
