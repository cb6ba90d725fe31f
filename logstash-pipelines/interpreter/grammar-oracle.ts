import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../.cache/logstash-grammar');
const PACKAGE = 'logstash-pipeline-parser==0.0.3';

/** Reads paths of files from its arguments and prints for each whether it parses. */
const SCRIPT = `
import json, sys
from logstash_pipeline_parser import Pipeline
def read(file):
    try:
        Pipeline(open(file, encoding="utf-8").read()).parse()
        return None
    except Exception as error:
        return str(error) or type(error).__name__
print(json.dumps({file: read(file) for file in sys.argv[1:]}))
`;

/**
 * An independent parser of Logstash's grammar (PyPI), in a virtual environment under `.cache/` that is made when it is missing.
 * @returns the path of its Python, or the reason why there is none (no python3 of 3.11 to 3.13, no package registry)
 */
export function oraclePython(): { python: string } | { missing: string } {
  const python = path.join(FOLDER, 'bin', 'python');
  const stamp = path.join(FOLDER, 'installed');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === PACKAGE) return { python };
  const system = fs.existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  try {
    execFileSync(process.env.PYTHON ?? system, ['-m', 'venv', FOLDER], { stdio: 'pipe' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', PACKAGE], { stdio: 'pipe' });
    fs.writeFileSync(stamp, PACKAGE);
    return { python };
  } catch (error) {
    return { missing: (error as Error).message.split('\n')[0]! };
  }
}

/** For each file null where it parses, else the parser's message. */
export function oracleErrors(python: string, files: string[]): Record<string, string | null> {
  const text = execFileSync(python, ['-c', SCRIPT, ...files], { encoding: 'utf8' });
  return JSON.parse(text) as Record<string, string | null>;
}
