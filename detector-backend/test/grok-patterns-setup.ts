import fs from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { PATTERN_SET, PATTERN_SET_VERSION } from '../../logstash-pipelines/interpreter/grok-pattern-set.ts';
import { cachedFolder, isComplete } from './cached-folder.ts';
import { emptyPom, hasMaven, MAVEN_PLUGIN, runMaven } from './maven.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there are no grok patterns, null where there are: without them no pipeline can be run. */
    missing_grok_patterns: string | null;
  }
}

/** Downloads the grok patterns of Logstash once, only when a file of the run is about Logstash. */
export default async function setup(project: TestProject): Promise<void> {
  // Vitest keeps the file names of its command line in a field that its types hide.
  const { filenamePattern } = project.vitest as { filenamePattern?: string[] };
  const { testFiles } = await project.globTestFiles(filenamePattern);
  const wanted = testFiles.some((file) => path.basename(file).startsWith('logstash-'));
  project.provide('missing_grok_patterns', wanted ? await missingPatterns() : 'not asked for');
}

async function missingPatterns(): Promise<string | null> {
  if (isComplete(PATTERN_SET)) return null;
  if (!hasMaven()) return 'Maven (mvn), which downloads the grok patterns of Logstash once';
  try {
    await cachedFolder(PATTERN_SET, download);
    return null;
  } catch (error) {
    return `the download of the grok patterns of Logstash: ${(error as Error).message}`;
  }
}

/** A jar of 60 kB; 5 s, 12 s where Maven has to fetch its own plugin first. */
async function download(scratch: string): Promise<void> {
  const unpacked = path.join(scratch, 'unpacked');
  await runMaven(scratch, emptyPom(), [
    `${MAVEN_PLUGIN}:unpack`,
    `-Dartifact=org.elasticsearch:elasticsearch-grok:${PATTERN_SET_VERSION}`,
    `-DoutputDirectory=${unpacked}`,
  ]);
  fs.renameSync(path.join(unpacked, 'patterns', 'ecs-v1'), path.join(scratch, 'home'));
}
