import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { runCommand } from './run-command.ts';

/** Without a version, old Mavens take an old plugin that can not do this. */
export const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const LIMIT_MS = 5 * 60_000;

export function hasMaven(): boolean {
  return spawnSync('mvn', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** A project that is only there for Maven to have one. */
export function emptyPom(content = ''): string {
  const head =
    '<modelVersion>4.0.0</modelVersion><groupId>seismolog</groupId><artifactId>downloads</artifactId>';
  return `<project>${head}<version>1</version><packaging>pom</packaging>${content}</project>\n`;
}

/** Runs Maven's goals on a project. @throws Error with Maven's last lines when it fails, or within 5 minutes does not end */
export async function runMaven(cwd: string, pom: string, words: string[]): Promise<void> {
  fs.writeFileSync(path.join(cwd, 'pom.xml'), pom);
  // -U: Maven remembers a miss, also one of a moment without network.
  const flags = ['--batch-mode', '--quiet', '-U', ...words];
  // Another user must be able to read what is unpacked.
  await runCommand(['sh', '-c', 'umask 022 && exec mvn "$@"', 'mvn', ...flags], { cwd, limit_ms: LIMIT_MS });
}
