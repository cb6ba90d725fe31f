import { textsOf } from './filters/filter-context.ts';
import { type LintFault, place, type Variant } from './lint-fault.ts';
import { type PluginSettings } from './plugin-settings.ts';

/** Longest time of a grok in milliseconds (Logstash's default is 30 seconds, which stops a worker). */
const MOST_MILLIS = 1000;

/** Anchors and timeouts of every grok; that the expressions compile was seen before. */
export function lintGrok({ pipeline }: Variant): LintFault[] {
  return pipeline.plugins
    .filter((plugin) => plugin.kind === 'filter' && plugin.name === 'grok')
    .flatMap(grokFaults);
}

function grokFaults(plugin: PluginSettings): LintFault[] {
  const where = place(plugin.file, plugin.at);
  const timeout = plugin.numbers.timeout_millis;
  const faults: LintFault[] = [];
  if (timeout === undefined || timeout > MOST_MILLIS || timeout <= 0)
    faults.push({
      rule: 'grok-timeout',
      where,
      message: `timeout_millis has to be set, to at most ${MOST_MILLIS}`,
    });
  for (const expression of Object.values(plugin.hashes.match ?? {}).flatMap(textsOf))
    if (!isAnchored(expression))
      faults.push({
        rule: 'grok-anchors',
        where,
        message: `${JSON.stringify(expression)} has to begin with ^ or \\A and to end with $ or \\z`,
      });
  return faults;
}

function isAnchored(expression: string): boolean {
  return (
    /^(?:\(\?[a-z-]+\))?(?:\^|\\A)/.test(expression) && /(?:(?<!\\)(?:\\\\)*\$|\\[zZ])$/.test(expression)
  );
}
