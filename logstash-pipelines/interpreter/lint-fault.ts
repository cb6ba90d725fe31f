import { pluginsOf, type PluginNode, type Position } from './config-ast.ts';
import { type ConfigFile, type PipelineEntry } from './pipeline-files.ts';
import { type Pipeline } from './pipeline.ts';

/** A fault that lint found; `where` is file, line and column, or a name of pipelines.yml. */
export type LintFault = { rule: string; where: string; message: string };

/** One set of files of an entry of pipelines.yml, compiled. */
export type Variant = { entry: PipelineEntry; configs: ConfigFile[]; pipeline: Pipeline };

export function place(file: string, at: Position): string {
  return `${file}:${at.line}:${at.column}`;
}

/** Plugins of a variant with the AST node of each, for rules that look at the text. */
export function nodesOf(variant: Variant): { file: string; node: PluginNode }[] {
  return variant.configs.flatMap(({ name, node }) =>
    node.sections.flatMap((section) =>
      pluginsOf(section.body).map((plugin) => ({ file: name, node: plugin })),
    ),
  );
}
