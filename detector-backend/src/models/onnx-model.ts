import { FEATURE_COUNT, FEATURE_NAMES } from '../windows/window-schema.ts';
import {
  FOREST_SCALE,
  FOREST_USUAL,
  headWeights,
  INPUT_WIDTHS,
  ISOLATION_WEIGHT,
  MARGIN_PARAMETERS,
  MARGINS,
  NOISE,
  RARITY_WEIGHTS,
  SCORE_PER_NAT,
  VOLUME_WEIGHTS,
} from './ensemble.ts';
import { averagePath, type Forest } from './forest.ts';
import {
  batchOf,
  encodeGraph,
  floatsAttribute,
  floatTensor,
  intAttribute,
  intsAttribute,
  intTensor,
  operator,
  textAttribute,
  textsAttribute,
} from './onnx-graph.ts';
import type { Message } from './protobuf.ts';

/** Inputs: features X [N,12], hashed counts C [N,64], calibration rows K [N,16]. */
export const MODEL_INPUTS = ['X', 'C', 'K'] as const;
/** Outputs: score [N,1] 0–100, head_p [N,3], margins [N,4]; see DetectorResult. */
export const MODEL_OUTPUTS = ['score', 'head_p', 'margins'] as const;

/** Writes the whole ensemble as one ONNX graph (opset 17, ai.onnx.ml 3): heads, forest, calibration and fusion. */
export function encodeModel(forest: Forest): Uint8Array {
  return encodeGraph({
    nodes: [...additiveHeads(), ...isolationHead(forest), ...fusion()],
    initializers: constants(forest),
    inputs: [
      batchOf('X', INPUT_WIDTHS.features),
      batchOf('C', INPUT_WIDTHS.hashed_counts),
      batchOf('K', INPUT_WIDTHS.calibration),
    ],
    outputs: [batchOf('score', 1), batchOf('head_p', 3), batchOf('margins', MARGINS.length)],
    metadata: {
      feature_names: FEATURE_NAMES.join(','),
      hashed_counts: String(INPUT_WIDTHS.hashed_counts),
      calibration_width: String(INPUT_WIDTHS.calibration),
    },
  });
}

function constants(forest: Forest): Message[] {
  const scalar = (name: string, value: number) => floatTensor(name, [1], [value]);
  const slices = MARGINS.flatMap((_, head) =>
    Array.from({ length: MARGIN_PARAMETERS }, (__, at) =>
      intTensor(`at_${head * MARGIN_PARAMETERS + at}`, [1], [head * MARGIN_PARAMETERS + at]),
    ),
  );
  return [
    floatTensor('zero_scalar', [], [0]),
    floatTensor('hundred_scalar', [], [100]),
    scalar('noise', NOISE),
    scalar('path_to_power', -Math.LN2 / averagePath(forest.sample_size)),
    scalar('forest_usual', FOREST_USUAL),
    scalar('forest_scale', FOREST_SCALE),
    scalar('isolation_weight', ISOLATION_WEIGHT),
    scalar('score_per_nat', SCORE_PER_NAT),
    floatTensor('rarity_weights', [FEATURE_COUNT, 1], headWeights(RARITY_WEIGHTS)),
    floatTensor('volume_weights', [FEATURE_COUNT, 1], headWeights(VOLUME_WEIGHTS)),
    intTensor('axis_1', [1], [1]),
    ...slices,
    intTensor(`at_${INPUT_WIDTHS.calibration}`, [1], [INPUT_WIDTHS.calibration]),
  ];
}

const additiveHeads = (): Message[] => [
  operator('Sub', ['X', 'noise'], 'above_noise'),
  operator('Relu', ['above_noise'], 'excess'),
  operator('MatMul', ['excess', 'rarity_weights'], 'margin_0'),
  operator('MatMul', ['excess', 'volume_weights'], 'margin_1'),
];

const isolationHead = (forest: Forest): Message[] => [
  operator('Concat', ['X', 'C'], 'XC', [intAttribute('axis', 1)]),
  operator('TreeEnsembleRegressor', ['XC'], 'path', treeAttributes(forest), 'ai.onnx.ml'),
  operator('Mul', ['path', 'path_to_power'], 'power'),
  operator('Exp', ['power'], 'isolation'),
  operator('Sub', ['isolation', 'forest_usual'], 'isolation_excess'),
  operator('Relu', ['isolation_excess'], 'isolation_above'),
  operator('Mul', ['isolation_above', 'forest_scale'], 'margin_2'),
];

/** min(cap, below · min(margin, knot) + above · max(0, margin - knot)), the calibration row's columns by Slice. */
function calibrated(head: number): Message[] {
  const column = (at: number, name: string) =>
    operator(
      'Slice',
      ['K', `at_${head * MARGIN_PARAMETERS + at}`, `at_${head * MARGIN_PARAMETERS + at + 1}`, 'axis_1'],
      `${name}_${head}`,
    );
  return [
    column(0, 'knot'),
    column(1, 'below'),
    column(2, 'above'),
    column(3, 'cap'),
    operator('Min', [`margin_${head}`, `knot_${head}`], `body_${head}`),
    operator('Mul', [`body_${head}`, `below_${head}`], `body_log_${head}`),
    operator('Sub', [`margin_${head}`, `knot_${head}`], `over_${head}`),
    operator('Relu', [`over_${head}`], `tail_${head}`),
    operator('Mul', [`tail_${head}`, `above_${head}`], `tail_log_${head}`),
    operator('Add', [`body_log_${head}`, `tail_log_${head}`], `uncapped_${head}`),
    operator('Min', [`uncapped_${head}`, `cap_${head}`], `log_${head}`),
  ];
}

const fusion = (): Message[] => [
  ...[0, 1, 2].flatMap(calibrated),
  operator('Concat', ['log_0', 'log_1', 'log_2'], 'head_logs', [intAttribute('axis', 1)]),
  operator('Neg', ['head_logs'], 'head_log_p'),
  operator('Exp', ['head_log_p'], 'head_p'),
  operator('Mul', ['log_2', 'isolation_weight'], 'isolation_part'),
  operator('Add', ['log_0', 'log_1'], 'additive_part'),
  operator('Add', ['additive_part', 'isolation_part'], 'margin_3'),
  ...calibrated(3),
  operator('Concat', ['margin_0', 'margin_1', 'margin_2', 'margin_3'], 'margins', [intAttribute('axis', 1)]),
  operator('Mul', ['log_3', 'score_per_nat'], 'score_unbounded'),
  operator('Clip', ['score_unbounded', 'zero_scalar', 'hundred_scalar'], 'score'),
];

/** Flattens the trees; a leaf adds its path length, AVERAGE over trees gives the mean path. */
function treeAttributes(forest: Forest): Message[] {
  const nodes = forest.trees.flatMap(({ feature, value, left, right }, tree) =>
    feature.map((split, node) => ({
      tree,
      node,
      isLeaf: split === -1,
      feature: Math.max(0, split),
      value: value[node]!,
      left: left[node]!,
      right: right[node]!,
    })),
  );
  const leaves = nodes.filter(({ isLeaf }) => isLeaf);
  const modes = nodes.map(({ isLeaf }) => (isLeaf ? 'LEAF' : 'BRANCH_LT'));
  const thresholds = nodes.map(({ isLeaf, value }) => (isLeaf ? 0 : value));
  const column = (rows: typeof nodes, name: 'tree' | 'node' | 'feature' | 'value' | 'left' | 'right') =>
    rows.map((row) => row[name]);
  return [
    intAttribute('n_targets', 1),
    textAttribute('aggregate_function', 'AVERAGE'),
    intsAttribute('nodes_treeids', column(nodes, 'tree')),
    intsAttribute('nodes_nodeids', column(nodes, 'node')),
    textsAttribute('nodes_modes', modes),
    intsAttribute('nodes_featureids', column(nodes, 'feature')),
    floatsAttribute('nodes_values', thresholds),
    intsAttribute('nodes_truenodeids', column(nodes, 'left')),
    intsAttribute('nodes_falsenodeids', column(nodes, 'right')),
    intsAttribute('target_treeids', column(leaves, 'tree')),
    intsAttribute('target_nodeids', column(leaves, 'node')),
    intsAttribute('target_ids', new Array<number>(leaves.length).fill(0)),
    floatsAttribute('target_weights', column(leaves, 'value')),
  ];
}
