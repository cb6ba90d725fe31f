import { type Position } from './config-ast.ts';

/** A fault in a pipeline's configuration; the message begins with file, line and column. */
export class ConfigError extends Error {
  readonly file: string;
  readonly at: Position;

  constructor(file: string, at: Position, message: string) {
    super(`${file}:${at.line}:${at.column}: ${message}`);
    this.name = 'ConfigError';
    this.file = file;
    this.at = at;
  }
}
