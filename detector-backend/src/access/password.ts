import { randomBytes } from 'node:crypto';
import { argon2id, argon2Verify } from 'hash-wasm';

/** argon2id in PHC text form, with OWASP's second recommended setting (19 MiB, 2 passes, 1 lane). */
export function hashPassword(password: string): Promise<string> {
  return argon2id({
    password,
    salt: randomBytes(16),
    memorySize: 19_456,
    iterations: 2,
    parallelism: 1,
    hashLength: 32,
    outputType: 'encoded',
  });
}

export const isPasswordOf = (password_hash: string, password: string): Promise<boolean> =>
  argon2Verify({ password, hash: password_hash });
