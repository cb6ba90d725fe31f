import { checkDocument } from './elasticsearch-document.ts';
import { addValue } from './filters/common-options.ts';
import { arrayOf, copiedEvent, type FieldMap, type LogEvent, newEvent, setField } from './log-event.ts';
import { type LogTimestamp } from './log-timestamp.ts';
import { type Decode, decoderOf } from './line-codec.ts';
import { type GrokPatterns } from './grok.ts';
import { filtered, type Pipeline, reached } from './pipeline.ts';
import { type PluginSettings } from './plugin-settings.ts';

/** An event at an output that is not `pipeline`. */
export type Arrival = { output: PluginSettings; event: LogEvent };

/** Pipelines that hand events to each other. */
export type PipelineNet = {
  pipelines: Pipeline[];
  grokPatterns: (folders: string[]) => GrokPatterns;
};

/** Inputs that read a byte stream. */
const STREAMS = ['tcp', 'stdin'];

function inputOf(net: PipelineNet, id: string): { pipeline: Pipeline; input: PluginSettings } {
  for (const pipeline of net.pipelines)
    for (const input of pipeline.inputs) if (input.id === id) return { pipeline, input };
  const known = net.pipelines.flatMap((pipeline) => pipeline.inputs.map((input) => input.id));
  throw new Error(`no input has the id ${id}; there are ${known.join(', ')}`);
}

/** The decoder of an input. */
export function decoderFor(net: PipelineNet, inputId: string): Decode {
  const { input } = inputOf(net, inputId);
  return decoderOf(input.codec, 'plain', STREAMS.includes(input.name), net.grokPatterns);
}

/**
 * Feeds one decoded event into an input and follows it through all pipelines.
 * @param fields set on the event before the input's own `type`, `tags` and `add_field`; keys may be field references
 * @returns what reached outputs, in the order of their ids
 */
export function runEvent(
  net: PipelineNet,
  inputId: string,
  decoded: FieldMap,
  fields: FieldMap,
  now: LogTimestamp,
): Arrival[] {
  const { pipeline, input } = inputOf(net, inputId);
  const event = newEvent(decoded, now);
  for (const [name, value] of Object.entries(fields)) setField(event, name, value);
  const arrivals = enter(net, pipeline, input, event);
  return arrivals.sort((left, right) => compareText(left.output.id ?? '', right.output.id ?? ''));
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function enter(net: PipelineNet, pipeline: Pipeline, input: PluginSettings, event: LogEvent): Arrival[] {
  decorateInput(input, event);
  return filtered(pipeline.filters, event).flatMap((one) =>
    reached(pipeline.outputs, one).flatMap((output) => arrive(net, output, one)),
  );
}

function decorateInput({ strings, lists, hashes }: PluginSettings, event: LogEvent): void {
  if (strings.type !== undefined && event.fields.type === undefined) event.fields.type = strings.type;
  if (lists.tags?.length) event.fields.tags = [...arrayOf(event.fields.tags), ...lists.tags];
  for (const [name, value] of Object.entries(hashes.add_field ?? {})) addValue(event, name, String(value));
}

function arrive(net: PipelineNet, output: PluginSettings, event: LogEvent): Arrival[] {
  if (output.name !== 'pipeline') {
    if (output.name === 'elasticsearch') checkDocument(output, event);
    return [{ output, event: copiedEvent(event) }];
  }
  return output.lists.send_to!.flatMap((address) => {
    for (const pipeline of net.pipelines)
      for (const input of pipeline.inputs)
        // A pipeline output hands out copies, with @metadata.
        if (input.name === 'pipeline' && input.strings.address === address)
          return enter(net, pipeline, input, copiedEvent(event));
    throw new Error(`${output.file}: nobody listens at the address ${address} that ${output.id} sends to`);
  });
}
