import fs from 'node:fs';
import path from 'node:path';
import { emptyPom } from './maven.ts';

export const OPENSEARCH_VERSION = '3.8.0';

/** Raised when the layout below changes, so that old caches are made anew. */
export const LAYOUT = 1;

const LIBRARIES = ['opensearch', 'opensearch-agent-bootstrap', 'opensearch-plugin-classloader'];
const PLUGINS = [
  'lang-painless',
  'opensearch-scripting-painless-spi',
  'analysis-common',
  'ingest-common',
  'lang-mustache-client',
  'mapper-extras-client',
  'reindex-client',
  'transport-netty4-client',
];

interface Module {
  name: string;
  classname: string;
  /** Beginnings of the names of its jars, each followed by its version. */
  jars: string[];
  extended?: string;
}

const MODULES: Module[] = [
  {
    name: 'lang-painless',
    classname: 'org.opensearch.painless.PainlessModulePlugin',
    jars: [
      'lang-painless',
      'opensearch-scripting-painless-spi',
      'asm',
      'asm-commons',
      'asm-tree',
      'asm-util',
      'asm-analysis',
      'antlr4-runtime',
    ],
  },
  {
    name: 'analysis-common',
    classname: 'org.opensearch.analysis.common.CommonAnalysisModulePlugin',
    jars: ['analysis-common'],
    extended: 'lang-painless',
  },
  {
    name: 'ingest-common',
    classname: 'org.opensearch.ingest.common.IngestCommonModulePlugin',
    jars: ['ingest-common', 'opensearch-grok', 'opensearch-dissect', 'joni', 'jcodings'],
    extended: 'lang-painless',
  },
  {
    name: 'lang-mustache',
    classname: 'org.opensearch.script.mustache.MustacheModulePlugin',
    jars: ['lang-mustache-client', 'compiler'],
  },
  {
    name: 'mapper-extras',
    classname: 'org.opensearch.index.mapper.MapperExtrasModulePlugin',
    jars: ['mapper-extras-client'],
  },
  {
    name: 'reindex',
    classname: 'org.opensearch.index.reindex.ReindexModulePlugin',
    jars: [
      'reindex-client',
      'opensearch-rest-client',
      'httpclient5',
      'httpcore5',
      'httpcore5-h2',
      'httpcore5-reactive',
      'commons-codec',
      'commons-logging',
      'opensearch-ssl-config',
      'slf4j-api',
    ],
  },
  {
    name: 'transport-netty4',
    classname: 'org.opensearch.transport.Netty4ModulePlugin',
    jars: ['transport-netty4-client', 'opensearch-netty4', 'netty-[a-z0-9-]+'],
  },
];

/** A project whose dependencies are the jars of OpenSearch that Maven Central has. */
export function opensearchPom(): string {
  const dependency = (group: string, name: string, version: string) =>
    `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  const all = [
    ...LIBRARIES.map((name) => dependency('org.opensearch', name, OPENSEARCH_VERSION)),
    ...PLUGINS.map((name) => dependency('org.opensearch.plugin', name, OPENSEARCH_VERSION)),
    // A dependency that OpenSearch leaves to its distribution.
    dependency('org.apache.logging.log4j', 'log4j-core', '2.25.4'),
  ];
  return emptyPom(`<dependencies>${all.join('')}</dependencies>`);
}

/** Moves the jars of the folder `jars` into the form of a distribution: `home`/lib and `home`/modules. */
export function layOutOpensearch(jars: string, home: string): void {
  // Without `bin` the start fails: "Unable to access 'path.home'".
  for (const name of ['bin', 'config', 'lib', 'modules', 'plugins']) {
    fs.mkdirSync(path.join(home, name), { recursive: true, mode: 0o755 });
  }
  for (const module of MODULES) layOutModule(module, jars, path.join(home, 'modules', module.name));
  for (const jar of fs.readdirSync(jars)) fs.renameSync(path.join(jars, jar), path.join(home, 'lib', jar));
}

function layOutModule(module: Module, jars: string, dir: string): void {
  fs.mkdirSync(dir, { mode: 0o755 });
  for (const name of module.jars) {
    const wanted = new RegExp(`^${name}-\\d[^/]*\\.jar$`);
    const found = fs.readdirSync(jars).filter((jar) => wanted.test(jar));
    if (found.length === 0) throw new Error(`module ${module.name} of OpenSearch lacks its jar ${name}`);
    for (const jar of found) fs.renameSync(path.join(jars, jar), path.join(dir, jar));
  }
  const descriptor = {
    name: module.name,
    description: module.name,
    version: OPENSEARCH_VERSION,
    classname: module.classname,
    'java.version': String(21),
    'opensearch.version': OPENSEARCH_VERSION,
    ...(module.extended ? { 'extended.plugins': module.extended } : {}),
  };
  const lines = Object.entries(descriptor).map(([key, value]) => `${key}=${value}\n`);
  fs.writeFileSync(path.join(dir, 'plugin-descriptor.properties'), lines.join(''));
}
