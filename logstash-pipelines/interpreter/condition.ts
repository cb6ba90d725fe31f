import { type ConditionNode, type OperandNode } from './config-ast.ts';
import { ConfigError } from './config-error.ts';
import { type FieldValue, getField, type LogEvent } from './log-event.ts';
import { LogTimestamp } from './log-timestamp.ts';
import { rubyRegexp } from './ruby-regexp.ts';

export type Condition = (event: LogEvent) => boolean;

/**
 * Compiles a condition to what `EventCondition.java` does with it.
 * @throws ConfigError for a faulty expression or a combination of operands that Logstash refuses
 */
export function compileCondition(node: ConditionNode, file: string): Condition {
  switch (node.kind) {
    case 'group':
      return compileCondition(node.inner, file);
    case 'not': {
      const inner = compileCondition(node.inner, file);
      return (event) => !inner(event);
    }
    case 'truthy': {
      const read = reader(node.operand);
      return (event) => isTruthy(read(event));
    }
    case 'join':
      return joinedCondition(node, file);
    case 'in':
      return negatable(node.negated, contained(node.left, node.right));
    case 'match':
      return negatable(node.negated, matching(node, file));
    case 'compare':
      return comparing(node, file);
  }
}

function negatable(negated: boolean, condition: Condition): Condition {
  return negated ? (event) => !condition(event) : condition;
}

function joinedCondition(node: Extract<ConditionNode, { kind: 'join' }>, file: string): Condition {
  const left = compileCondition(node.left, file);
  const right = compileCondition(node.right, file);
  if (node.operator === 'and') return (event) => left(event) && right(event);
  if (node.operator === 'or') return (event) => left(event) || right(event);
  if (node.operator === 'nand') return (event) => !(left(event) && right(event));
  return (event) => left(event) !== right(event);
}

function reader(operand: OperandNode): (event: LogEvent) => FieldValue | undefined {
  if (operand.kind === 'field') return (event) => getField(event, operand.reference);
  const value = constantOf(operand);
  return () => value;
}

function constantOf(operand: OperandNode): FieldValue | undefined {
  if (operand.kind === 'string') return operand.text;
  if (operand.kind === 'number') return operand.value;
  if (operand.kind === 'list') return operand.items.map((item) => constantOf(item) ?? null);
  return undefined;
}

function isTruthy(value: FieldValue | undefined): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false && value !== 'false';
}

/** `in`: a text within a text, a value within an array; the rules differ by what is a field and what is written. */
function contained(left: OperandNode, right: OperandNode): Condition {
  const needle = reader(left);
  const haystack = reader(right);
  if (left.kind === 'field' && right.kind === 'list')
    return (event) => {
      const found = needle(event);
      return (
        found !== undefined &&
        found !== null &&
        (haystack(event) as FieldValue[]).some((item) => String(item) === asText(found))
      );
    };
  return (event) => {
    const found = needle(event);
    const place = haystack(event);
    if (typeof found === 'string' && typeof place === 'string') return place.includes(found);
    if (Array.isArray(place)) return place.some((item) => equal(item, found));
    if (left.kind === 'field' && right.kind === 'field')
      return !isObject(found) && found !== undefined && found !== null && equal(found, place);
    return false;
  };
}

function isObject(value: FieldValue | undefined): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof LogTimestamp);
}

function asText(value: FieldValue): string {
  return isObject(value) ? JSON.stringify(value) : String(value);
}

function equal(left: FieldValue | undefined, right: FieldValue | undefined): boolean {
  if (left === right) return true;
  if (left === undefined || right === undefined || left === null || right === null) return false;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  return JSON.stringify(left) === JSON.stringify(right);
}

function matching(node: Extract<ConditionNode, { kind: 'match' }>, file: string): Condition {
  const read = reader(node.left);
  const source = node.right.kind === 'regexp' ? node.right.source : (node.right as { text: string }).text;
  try {
    const regexp = rubyRegexp(source);
    return (event) => {
      const value = read(event);
      return typeof value === 'string' && regexp.exec(value) !== null;
    };
  } catch (error) {
    throw new ConfigError(file, node.right.at, `faulty expression: ${(error as Error).message}`);
  }
}

function comparing(node: Extract<ConditionNode, { kind: 'compare' }>, file: string): Condition {
  const left = reader(node.left);
  const right = reader(node.right);
  if (
    node.left.kind === 'regexp' ||
    node.right.kind === 'regexp' ||
    node.left.kind === 'list' ||
    node.right.kind === 'list'
  )
    throw new ConfigError(file, node.at, `${node.operator} compares fields, texts and numbers only`);
  if (node.operator === '==') return (event) => equal(left(event), right(event));
  if (node.operator === '!=') return (event) => !equal(left(event), right(event));
  return (event) => {
    const order = ordered(left(event), right(event), node, file);
    if (node.operator === '<') return order < 0;
    if (node.operator === '>') return order > 0;
    return node.operator === '<=' ? order <= 0 : order >= 0;
  };
}

/** Logstash throws here for a missing field or two types (and the event goes to the dead letter queue), so a case fails. */
function ordered(
  left: FieldValue | undefined,
  right: FieldValue | undefined,
  node: Extract<ConditionNode, { kind: 'compare' }>,
  file: string,
): number {
  if (left instanceof LogTimestamp && right instanceof LogTimestamp) return left.epoch_ms - right.epoch_ms;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  throw new ConfigError(
    file,
    node.at,
    `${node.operator} cannot compare ${JSON.stringify(left)} with ${JSON.stringify(right)}: guard the field, and convert it to the other's type`,
  );
}
