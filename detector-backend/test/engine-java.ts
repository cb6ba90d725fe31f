import fs from 'node:fs';
import path from 'node:path';

/** Elasticsearch 9 refuses to start on less, and the class files of OpenSearch 3 need it too. */
const MINIMUM = 21;
const JVM_FOLDER = '/usr/lib/jvm';

/**
 * Home of a Java of version 21 or newer: ES_JAVA_HOME, then JAVA_HOME, then the newest below /usr/lib/jvm; null when there
 * is none. Elasticsearch looks at ES_JAVA_HOME only, and `java` of the PATH is often older.
 */
export function findJava(): string | null {
  const named = [process.env.ES_JAVA_HOME, process.env.JAVA_HOME].filter((home) => home !== undefined);
  const installed = fs.existsSync(JVM_FOLDER) ? fs.readdirSync(JVM_FOLDER) : [];
  const found = installed.map((name) => path.join(JVM_FOLDER, name));
  const newestFirst = found.sort((a, b) => versionOf(b) - versionOf(a));
  return [...named, ...newestFirst].find((home) => versionOf(home) >= MINIMUM) ?? null;
}

/** Major version by the `release` file of a Java home, 0 where there is no Java. */
function versionOf(home: string): number {
  try {
    const release = fs.readFileSync(path.join(home, 'release'), 'utf8');
    fs.accessSync(path.join(home, 'bin', 'java'), fs.constants.X_OK);
    return Number(/^JAVA_VERSION="(\d+)/m.exec(release)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
