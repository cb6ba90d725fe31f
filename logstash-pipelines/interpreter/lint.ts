import fs from 'node:fs';
import path from 'node:path';
import { caseVariables, filterContext } from './case-environment.ts';
import { type ConditionNode, conditionsOf } from './config-ast.ts';
import { ConfigError } from './config-error.ts';
import { lintElasticsearch } from './lint-elasticsearch.ts';
import { type LintFault, place, type Variant } from './lint-fault.ts';
import { lintGraph, lintQueues } from './lint-graph.ts';
import { lintGrok } from './lint-grok.ts';
import {
  allFiles,
  type PipelineEntry,
  type PipelineFolder,
  readConfig,
  readEntries,
  readLogstashSettings,
  variantsOf,
} from './pipeline-files.ts';
import { compilePipeline } from './pipeline.ts';
import { variablesIn } from './variable-substitution.ts';

export type LintOptions = {
  /** Names of variables that have a value in every installation (`.env.example`, keystore). */
  variables: string[];
};

/** Every fault of the pipelines of a folder: syntax, options, expressions, then the rules of SUPPORTED.md. */
export function lint(folder: PipelineFolder, options: LintOptions): LintFault[] {
  const entries = readEntries(folder);
  const { variants, faults } = compileAll(folder, entries);
  const named = new Set(entries.flatMap((entry) => variantsOf(folder, entry).flat()));
  return [
    ...faults,
    ...allFiles(folder)
      .filter((name) => !named.has(name))
      .map((name) => ({
        rule: 'conf-listed',
        where: name,
        message: 'no entry of pipelines.yml names this file',
      })),
    ...lintIds(variants),
    ...lintVariables(folder, entries, options),
    ...variants.flatMap(lintConditions),
    ...variants.flatMap(lintGrok),
    ...variants.flatMap(lintElasticsearch),
    ...lintGraph(variants),
    ...lintQueues(variants, readLogstashSettings(folder)),
  ];
}

function compileAll(
  folder: PipelineFolder,
  entries: PipelineEntry[],
): { variants: Variant[]; faults: LintFault[] } {
  const faults: LintFault[] = [];
  const context = filterContext(folder);
  const variants = entries.flatMap((entry) => {
    const sets = variantsOf(folder, entry);
    if (!sets.flat().length)
      faults.push({ rule: 'conf-listed', where: entry.id, message: `no file fits ${entry.path}` });
    return sets.flatMap((files) => {
      try {
        const configs = files.map((name) => readConfig(folder, name));
        return [
          { entry, configs, pipeline: compilePipeline(entry.id, configs, caseVariables(folder), context) },
        ];
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        const [where, message] = [place(error.file, error.at), error.message.replace(/^\S+ /, '')];
        faults.push({ rule: message.startsWith('grok:') ? 'grok-compile' : 'config', where, message });
        return [];
      }
    });
  });
  return { variants, faults };
}

/** Files that stand for each other (variants of one entry) may share ids. */
function lintIds(variants: Variant[]): LintFault[] {
  const faults: LintFault[] = [];
  const owners = new Map<string, { entry: string; variant: Variant }>();
  for (const variant of variants)
    for (const plugin of variant.pipeline.plugins) {
      const where = place(plugin.file, plugin.at);
      if (plugin.id === undefined) {
        faults.push({ rule: 'plugin-id', where, message: `${plugin.kind} ${plugin.name} has no id` });
        continue;
      }
      const owner = owners.get(plugin.id);
      if (owner && (owner.entry !== variant.entry.id || owner.variant === variant))
        faults.push({ rule: 'plugin-id', where, message: `the id ${plugin.id} stands twice` });
      owners.set(plugin.id, { entry: variant.entry.id, variant });
    }
  return faults;
}

function lintVariables(folder: PipelineFolder, entries: PipelineEntry[], options: LintOptions): LintFault[] {
  const known = new Set([...options.variables, ...keystoreKeys(folder)]);
  const missing = (text: string, where: string): LintFault[] =>
    variablesIn(text)
      .filter(({ name, has_default }) => !has_default && !known.has(name))
      .map(({ name }) => ({
        rule: 'variable',
        where,
        message: `\${${name}} has no default and stands neither in .env.example nor in config/keystore-keys.txt`,
      }));
  return [
    ...allFiles(folder).flatMap((name) =>
      missing(withoutComments(fs.readFileSync(path.join(folder, 'pipelines', name), 'utf8')), name),
    ),
    ...entries.flatMap((entry) => missing(entry.path, `pipelines.yml ${entry.id}`)),
  ];
}

function withoutComments(text: string): string {
  return text.replace(/^\s*#.*$/gm, '');
}

/** Names in `config/keystore-keys.txt`. */
export function keystoreKeys(folder: PipelineFolder): string[] {
  const file = path.join(folder, 'config', 'keystore-keys.txt');
  if (!fs.existsSync(file)) return [];
  return fs
    .readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(Boolean);
}

/** Names of an environment file such as `.env.example`, commented-out ones too. */
export function environmentNames(text: string): string[] {
  return [...text.matchAll(/^\s*#?\s*([A-Za-z_]\w*)=/gm)].map((match) => match[1]!);
}

function lintConditions({ configs }: Variant): LintFault[] {
  return configs.flatMap(({ name, node }) =>
    node.sections.flatMap((section) =>
      conditionsOf(section.body).flatMap((condition) => conditionFaults(condition, name)),
    ),
  );
}

function conditionFaults(node: ConditionNode, file: string): LintFault[] {
  if (node.kind === 'not' || node.kind === 'group') return conditionFaults(node.inner, file);
  if (node.kind === 'join') {
    const mixed = [node.left, node.right].some(
      (side) => side.kind === 'join' && side.operator !== node.operator,
    );
    const fault = {
      rule: 'mixed-operators',
      where: place(file, node.at),
      message: 'and beside or needs parentheses: Logstash groups them its own way',
    };
    return [
      ...(mixed ? [fault] : []),
      ...conditionFaults(node.left, file),
      ...conditionFaults(node.right, file),
    ];
  }
  const operands = node.kind === 'truthy' ? [node.operand] : [node.left, node.right];
  return operands
    .filter((operand) => operand.kind === 'field' && /["']/.test(operand.reference))
    .map((operand) => ({
      rule: 'one-value-list',
      where: place(file, operand.at),
      message:
        'Logstash reads a list of one value as a field reference: compare with == or "value" in [field]',
    }));
}
