/** Where something stands in a file; both count from 1. */
export type Position = { line: number; column: number };

/** A value of an option as it is written. */
export type ValueNode =
  | { kind: 'string'; text: string; at: Position }
  | { kind: 'bareword'; text: string; at: Position }
  | { kind: 'number'; value: number; text: string; at: Position }
  | { kind: 'array'; items: ValueNode[]; at: Position }
  | { kind: 'hash'; entries: HashEntry[]; at: Position }
  | { kind: 'plugin'; plugin: PluginNode; at: Position };

export type HashEntry = { key: string; value: ValueNode; at: Position };

export type AttributeNode = { name: string; value: ValueNode; at: Position };

export type PluginNode = { kind: 'plugin'; name: string; attributes: AttributeNode[]; at: Position };

/** What stands on a side of an operator in a condition. */
export type OperandNode =
  | { kind: 'string'; text: string; at: Position }
  | { kind: 'number'; value: number; at: Position }
  | { kind: 'field'; reference: string; at: Position }
  | { kind: 'list'; items: OperandNode[]; at: Position }
  | { kind: 'regexp'; source: string; at: Position };

export type CompareOperator = '==' | '!=' | '<' | '>' | '<=' | '>=';
export type JoinOperator = 'and' | 'or' | 'xor' | 'nand';

export type ConditionNode =
  | { kind: 'truthy'; operand: OperandNode; at: Position }
  | { kind: 'not'; inner: ConditionNode; at: Position }
  | { kind: 'in'; left: OperandNode; right: OperandNode; negated: boolean; at: Position }
  | { kind: 'compare'; operator: CompareOperator; left: OperandNode; right: OperandNode; at: Position }
  | { kind: 'match'; left: OperandNode; right: OperandNode; negated: boolean; at: Position }
  | { kind: 'join'; operator: JoinOperator; left: ConditionNode; right: ConditionNode; at: Position }
  | { kind: 'group'; inner: ConditionNode; at: Position };

export type BranchNode = {
  kind: 'branch';
  /** `if` and each `else if`, in order. */
  arms: { condition: ConditionNode; body: StatementNode[]; at: Position }[];
  otherwise: StatementNode[];
  at: Position;
};

export type StatementNode = PluginNode | BranchNode;

export type SectionName = 'input' | 'filter' | 'output';

export type ConfigNode = { sections: { name: SectionName; body: StatementNode[]; at: Position }[] };

/** Every plugin below some statements, in the order of the text. */
export function pluginsOf(body: StatementNode[]): PluginNode[] {
  return body.flatMap((statement) =>
    statement.kind === 'plugin'
      ? [statement]
      : [...statement.arms.flatMap((arm) => pluginsOf(arm.body)), ...pluginsOf(statement.otherwise)],
  );
}

/** Every condition below some statements. */
export function conditionsOf(body: StatementNode[]): ConditionNode[] {
  return body.flatMap((statement) =>
    statement.kind === 'plugin'
      ? []
      : [
          ...statement.arms.flatMap((arm) => [arm.condition, ...conditionsOf(arm.body)]),
          ...conditionsOf(statement.otherwise),
        ],
  );
}
