import {
  type CompareOperator,
  type ConditionNode,
  type JoinOperator,
  type OperandNode,
} from './config-ast.ts';
import {
  type ConfigText,
  expect,
  fail,
  looksAt,
  positionOf,
  shown,
  skip,
  take,
  takeString,
  takeItems,
} from './config-text.ts';

const RANK = { and: 2, or: 1 } as const;

/** A condition (rule `condition`); the text stands behind it afterwards. */
export function parseCondition(source: ConfigText): ConditionNode {
  const operands = [parseExpression(source)];
  const operators: JoinOperator[] = [];
  for (;;) {
    const before = source.place;
    skip(source);
    const word = take(source, /nand|and|xor|or/)?.[0] as JoinOperator | undefined;
    if (!word) {
      source.place = before;
      return joined(source, operands, operators);
    }
    skip(source);
    operators.push(word);
    operands.push(parseExpression(source));
  }
}

/**
 * Joins as `join_conditions` of Logstash's `lscl.rb` does, with its flaw: a stronger operator is taken off the stack once
 * only, so that `a and b and c or d` becomes `a and ((b and c) or d)`.
 */
function joined(source: ConfigText, operands: ConditionNode[], operators: JoinOperator[]): ConditionNode {
  const out: (ConditionNode | JoinOperator)[] = [operands[0]!];
  const waiting: JoinOperator[] = [];
  operators.forEach((operator, index) => {
    const last = waiting.at(-1);
    if (last && rankOf(source, last) > rankOf(source, operator)) out.push(waiting.pop()!);
    waiting.push(operator);
    out.push(operands[index + 1]!);
  });
  out.push(...waiting.reverse());
  const stack: ConditionNode[] = [];
  for (const item of out) {
    if (typeof item !== 'string') {
      stack.push(item);
      continue;
    }
    const right = stack.pop()!;
    const left = stack.pop()!;
    stack.push({ kind: 'join', operator: item, left, right, at: left.at });
  }
  return stack[0]!;
}

function rankOf(source: ConfigText, operator: JoinOperator): number {
  if (operator === 'and' || operator === 'or') return RANK[operator];
  return fail(source, `${operator} beside another operator does not compile in Logstash: use parentheses`);
}

function parseExpression(source: ConfigText): ConditionNode {
  const at = positionOf(source);
  if (looksAt(source, '(')) return { kind: 'group', inner: parseGroup(source), at };
  if (looksAt(source, '!')) {
    source.place++;
    skip(source);
    if (looksAt(source, '(')) return { kind: 'not', inner: parseGroup(source), at };
    const operand = takeField(source);
    if (!operand) fail(source, `expected a field or a parenthesis after !, found ${shown(source)}`);
    return { kind: 'not', inner: { kind: 'truthy', operand, at }, at };
  }
  const left = parseOperand(source);
  const before = source.place;
  skip(source);
  const operator = take(source, /not [ \t\r\n]*in|in|==|!=|<=|>=|=~|!~|<|>/)?.[0];
  if (!operator) {
    source.place = before;
    if (left.kind === 'list' || left.kind === 'regexp')
      fail(source, 'a list or an expression alone is no condition');
    return { kind: 'truthy', operand: left, at };
  }
  skip(source);
  const right = parseOperand(source);
  if (operator === 'in') return { kind: 'in', left, right, negated: false, at };
  if (operator.startsWith('not')) return { kind: 'in', left, right, negated: true, at };
  if (operator !== '=~' && operator !== '!~')
    return { kind: 'compare', operator: operator as CompareOperator, left, right, at };
  if (right.kind !== 'regexp' && right.kind !== 'string')
    fail(source, `${operator} needs a string or /expression/ on its right`);
  return { kind: 'match', left, right, negated: operator === '!~', at };
}

function parseGroup(source: ConfigText): ConditionNode {
  expect(source, '(', 'before a condition');
  skip(source);
  const inner = parseCondition(source);
  skip(source);
  expect(source, ')', 'after a condition');
  return inner;
}

/** A selector such as `[a][b]`, kept as text. `["x"]` is one as well: Logstash reads a list of one string as a field. */
function takeField(source: ConfigText): OperandNode | null {
  const at = positionOf(source);
  const match = take(source, /(?:\[[^\][,]+\])+/);
  return match ? { kind: 'field', reference: match[0], at } : null;
}

function parseOperand(source: ConfigText): OperandNode {
  const at = positionOf(source);
  const text = takeString(source);
  if (text !== null) return { kind: 'string', text, at };
  const number = take(source, /-?[0-9]+(?:\.[0-9]*)?/);
  if (number) return { kind: 'number', value: Number(number[0]), at };
  const field = takeField(source);
  if (field) return field;
  if (looksAt(source, '[')) return parseList(source);
  const regexp = take(source, /\/((?:\\\/|(?!\\\/)[^/])*)\//);
  if (regexp) return { kind: 'regexp', source: regexp[1]!, at };
  return fail(
    source,
    `expected a field, a string, a number, a list or an expression, found ${shown(source)}`,
  );
}

function parseList(source: ConfigText): OperandNode {
  const at = positionOf(source);
  return { kind: 'list', items: takeItems(source, 'a list', parseOperand), at };
}
