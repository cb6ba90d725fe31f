import { type ConditionNode, type OperandNode, type SectionName, type StatementNode } from './config-ast.ts';
import { type Condition, compileCondition } from './condition.ts';
import { ConfigError } from './config-error.ts';
import { decorator } from './filters/common-options.ts';
import { type Filter, type FilterContext } from './filters/filter-context.ts';
import { FILTER_MAKERS } from './filters/filter-list.ts';
import { type LogEvent } from './log-event.ts';
import { type ConfigFile } from './pipeline-files.ts';
import { type PluginSettings, settingsOf } from './plugin-settings.ts';
import { substitute, type Variables } from './variable-substitution.ts';

/** A statement with its conditions compiled. */
type Step<Item> =
  | { kind: 'item'; item: Item }
  | { kind: 'branch'; arms: { condition: Condition; body: Step<Item>[] }[]; otherwise: Step<Item>[] };

export type Pipeline = {
  id: string;
  inputs: PluginSettings[];
  filters: Step<Filter>[];
  outputs: Step<PluginSettings>[];
  /** Every plugin, for lint. */
  plugins: PluginSettings[];
};

/**
 * Compiles a pipeline: options checked, expressions compiled, conditions ready.
 * @throws ConfigError
 */
export function compilePipeline(
  id: string,
  files: ConfigFile[],
  variables: Variables,
  context: FilterContext,
): Pipeline {
  const pipeline: Pipeline = { id, inputs: [], filters: [], outputs: [], plugins: [] };
  for (const { name, node } of files)
    for (const section of node.sections) {
      const settings = (kind: SectionName) => (plugin: Parameters<typeof settingsOf>[1]) => {
        const checked = settingsOf(kind, plugin, name, variables);
        pipeline.plugins.push(checked);
        return checked;
      };
      if (section.name === 'input') {
        const plugins = compileSteps(section.body, name, variables, settings('input'));
        pipeline.inputs.push(
          ...plugins.map((step) => (step.kind === 'item' ? step.item : conditionalInput(name, section.body))),
        );
      } else if (section.name === 'output')
        pipeline.outputs.push(...compileSteps(section.body, name, variables, settings('output')));
      else
        pipeline.filters.push(
          ...compileSteps(section.body, name, variables, (plugin) =>
            compileFilter(settings('filter')(plugin), context),
          ),
        );
    }
  return pipeline;
}

function conditionalInput(file: string, body: StatementNode[]): never {
  throw new ConfigError(
    file,
    body.find((statement) => statement.kind === 'branch')!.at,
    'an input cannot stand in a condition',
  );
}

function compileFilter(settings: PluginSettings, context: FilterContext): Filter {
  return FILTER_MAKERS[settings.name]!(settings, context, decorator(settings));
}

function compileSteps<Item>(
  body: StatementNode[],
  file: string,
  variables: Variables,
  compile: (plugin: Parameters<typeof settingsOf>[1]) => Item,
): Step<Item>[] {
  return body.map((statement): Step<Item> => {
    if (statement.kind === 'plugin') return { kind: 'item', item: compile(statement) };
    return {
      kind: 'branch',
      arms: statement.arms.map((arm) => ({
        condition: compileCondition(replaced(arm.condition, file, variables), file),
        body: compileSteps(arm.body, file, variables, compile),
      })),
      otherwise: compileSteps(statement.otherwise, file, variables, compile),
    };
  });
}

/** Variables in the texts of a condition. */
function replaced(node: ConditionNode, file: string, variables: Variables): ConditionNode {
  const operand = (side: OperandNode): OperandNode => {
    if (side.kind === 'list') return { ...side, items: side.items.map(operand) };
    if (side.kind !== 'string') return side;
    try {
      return { ...side, text: substitute(side.text, variables) };
    } catch (error) {
      throw new ConfigError(file, side.at, (error as Error).message);
    }
  };
  if (node.kind === 'truthy') return { ...node, operand: operand(node.operand) };
  if (node.kind === 'not' || node.kind === 'group')
    return { ...node, inner: replaced(node.inner, file, variables) };
  if (node.kind === 'join')
    return {
      ...node,
      left: replaced(node.left, file, variables),
      right: replaced(node.right, file, variables),
    };
  return { ...node, left: operand(node.left), right: operand(node.right) };
}

/** The statements that a condition of the event chooses. */
function chosen<Item>(step: Extract<Step<Item>, { kind: 'branch' }>, event: LogEvent): Step<Item>[] {
  return step.arms.find((arm) => arm.condition(event))?.body ?? step.otherwise;
}

/** What comes out of a pipeline's filters for an event: nothing, itself, itself and more. */
export function filtered(steps: Step<Filter>[], event: LogEvent): LogEvent[] {
  let events = [event];
  for (const step of steps)
    events = events.flatMap((current) => {
      if (step.kind === 'branch') return filtered(chosen(step, current), current);
      const extra: LogEvent[] = [];
      step.item(current, (more) => extra.push(more));
      return [current, ...extra].filter((one) => !one.cancelled);
    });
  return events;
}

/** The outputs that an event reaches. */
export function reached(steps: Step<PluginSettings>[], event: LogEvent): PluginSettings[] {
  return steps.flatMap((step) => (step.kind === 'item' ? [step.item] : reached(chosen(step, event), event)));
}
