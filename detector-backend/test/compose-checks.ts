import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';

type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

export interface ComposeService {
  image?: string;
  build?: { context: string; dockerfile: string };
  profiles?: string[];
  user?: string;
  privileged?: boolean;
  mem_limit?: string;
  restart?: string;
  ports?: string[];
  networks?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
  command?: string[];
  entrypoint?: string[];
  security_opt?: string[];
  network_mode?: string;
  logging?: { options?: Record<string, string> };
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: Condition; required?: boolean }>;
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  networks?: Record<string, unknown>;
  volumes?: Record<string, unknown>;
  [extension: string]: unknown;
}

/** What the checks look at besides the compose file. */
export interface Surroundings {
  /** Text of .env.example. */
  env: string;
  /** Whether the repository has such a file or folder (relative to its root). */
  exists: (place: string) => boolean;
  /** Text of a Dockerfile. */
  dockerfile: (place: string) => string;
}

export const readCompose = (text: string): ComposeFile => parse(text, { merge: true }) as ComposeFile;

/** What is wrong by the schema of the compose specification. */
export function schemaProblems(text: string): string[] {
  const root = path.dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
  const { $schema: _draft, ...schema } = JSON.parse(
    readFileSync(path.join(root, 'schemas', 'compose.schema.json'), 'utf8'),
  ) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv, ['duration', 'uri']);
  const validate = ajv.compile(schema);
  validate(readCompose(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Values of .env.example by name. */
export const readEnv = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? ''] as const];
    }),
  );

/** Names in `${NAME}`, `${NAME:?…}`; `$$` is a dollar sign for the container. */
const variablesOf = (text: string): Set<string> =>
  new Set([...text.replaceAll('$$', '').matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name ?? ''));

/** One-shot services are those that others wait for to end. */
const oneShots = (file: ComposeFile): Set<string> =>
  new Set(
    Object.values(file.services).flatMap(({ depends_on = {} }) =>
      Object.entries(depends_on).flatMap(([name, { condition }]) =>
        condition === 'service_completed_successfully' ? [name] : [],
      ),
    ),
  );

/** What no schema finds: names that lead nowhere. */
export function referenceProblems(text: string, around: Surroundings): string[] {
  const file = readCompose(text);
  const known = readEnv(around.env);
  const problems: string[] = [];
  const uncommented = text.replace(/^\s*#.*$/gm, '');
  for (const name of variablesOf(uncommented)) {
    if (!known.has(name)) problems.push(`variable ${name} is not in .env.example`);
  }
  for (const name of known.keys()) {
    if (name !== 'COMPOSE_PROFILES' && !variablesOf(uncommented).has(name))
      problems.push(`.env.example has ${name}, which nothing uses`);
  }
  const used = { networks: new Set<string>(), volumes: new Set<string>() };
  for (const [name, service] of Object.entries(file.services)) {
    for (const network of service.networks ?? []) used.networks.add(network);
    for (const mount of service.volumes ?? []) {
      const [source = ''] = mount.split(':');
      if (!source.startsWith('.')) used.volumes.add(source);
      else if (!around.exists(source)) problems.push(`${name} mounts ${source}, which does not exist`);
    }
    problems.push(...dependencyProblems(name, service, file), ...buildProblems(name, service, around));
  }
  for (const kind of ['networks', 'volumes'] as const) {
    const defined = new Set(Object.keys(file[kind] ?? {}));
    for (const name of used[kind]) if (!defined.has(name)) problems.push(`${kind}: ${name} is not defined`);
    for (const name of defined) if (!used[kind].has(name)) problems.push(`${kind}: ${name} is not used`);
  }
  return problems;
}

function dependencyProblems(name: string, service: ComposeService, file: ComposeFile): string[] {
  return Object.entries(service.depends_on ?? {}).flatMap(([needed, { condition, required = true }]) => {
    const other = file.services[needed];
    if (!other) return [`${name} depends on ${needed}, which is not a service`];
    const isAlwaysThere = (other.profiles ?? []).every((profile) => service.profiles?.includes(profile));
    const problems = [];
    if (required && !isAlwaysThere) problems.push(`${name} requires ${needed}, which other profiles lack`);
    if (condition === 'service_started') problems.push(`${name} does not wait until ${needed} is healthy`);
    return problems;
  });
}

function buildProblems(name: string, { build, image }: ComposeService, around: Surroundings): string[] {
  if (build) return around.exists(build.dockerfile) ? [] : [`${name}: ${build.dockerfile} does not exist`];
  return image === undefined ? [`${name} has neither image nor build`] : [];
}

/** What an operator would regret: no limits, open ports, secrets in the file, images that change. */
export function operationProblems(text: string, around: Surroundings): string[] {
  const file = readCompose(text);
  const env = readEnv(around.env);
  const once = oneShots(file);
  return Object.entries(file.services).flatMap(([name, service]) => [
    ...imageProblems(service, env).map((problem) => `${name}: ${problem}`),
    ...exposureProblems(service).map((problem) => `${name}: ${problem}`),
    ...lifeProblems(service, once.has(name), around).map((problem) => `${name}: ${problem}`),
    ...secretProblems(service).map((problem) => `${name}: ${problem}`),
  ]);
}

function imageProblems({ image = '' }: ComposeService, env: Map<string, string>): string[] {
  const [, tag = ''] = /:([^/]+)$/.exec(image) ?? [];
  const filled = tag.replace(/\$\{(\w+)[^}]*\}/g, (_all, name: string) => env.get(name) ?? '');
  return /^\d+\.\d+(\.\d+)?([-.]\w+)*$/.test(filled) ? [] : [`image ${image} is not pinned to a version`];
}

function exposureProblems(service: ComposeService): string[] {
  const problems = [];
  for (const port of service.ports ?? []) {
    if (!String(port).startsWith('127.0.0.1:')) problems.push(`port ${port} is open to other machines`);
  }
  if (service.network_mode !== undefined || service.networks?.join() !== 'private')
    problems.push('is not on the private network alone');
  if (service.privileged) problems.push('is privileged');
  if (!service.security_opt?.includes('no-new-privileges:true')) problems.push('may gain privileges');
  return problems;
}

function lifeProblems(service: ComposeService, isOnce: boolean, around: Surroundings): string[] {
  const problems = [];
  if (!service.mem_limit) problems.push('has no memory limit');
  if (!service.logging?.options?.['max-size']) problems.push('its log is not rotated');
  const wanted = isOnce ? 'no' : 'unless-stopped';
  if (service.restart !== wanted) problems.push(`restart is ${service.restart} instead of ${wanted}`);
  const inImage = service.build && around.dockerfile(service.build.dockerfile).includes('\nHEALTHCHECK ');
  const isChecked = service.healthcheck?.disable ? false : service.healthcheck !== undefined || inImage;
  if (!isOnce && !isChecked) problems.push('has no health check');
  if (isOnce && isChecked) problems.push('ends by itself, so a health check can only fail');
  return problems;
}

function secretProblems({ environment = {}, command = [], entrypoint = [] }: ComposeService): string[] {
  const problems = Object.entries(environment).flatMap(([name, value]) => {
    const isSecret =
      /PASSWORD|SECRET|REDISCLI_AUTH|_KEY$/.test(name) || /:\/\/\w*:[^/]*@/.test(String(value));
    // `:?` stops the start when the variable is missing or empty.
    return isSecret && !/\$\{\w+:\?/.test(String(value))
      ? [`${name} may be empty or has its value in the file`]
      : [];
  });
  const words = [...command, ...entrypoint].join(' ');
  if (/(?<!\$)\$\{\w*(PASSWORD|KEY)/.test(words)) problems.push('a secret is part of its command');
  return problems;
}
