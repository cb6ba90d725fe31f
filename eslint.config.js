import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// The rooms in the order of the flow: arrows point left, so a room may import only what stands before it.
const ROOMS = [
  'logstore',
  'ingest',
  'reading',
  'templates',
  'windows',
  'models',
  'scoring',
  'explanations',
  'anomalies',
  'alerting',
  'access',
  'simulation',
];
const src = './detector-backend/src';

const zones = [
  {
    target: `${src}/platform`,
    from: [...ROOMS.map((room) => `${src}/${room}/**`), `${src}/*.ts`],
    message: 'platform/ knows no room.',
  },
  ...ROOMS.map((room, place) => ({
    target: `${src}/${room}`,
    from: [...ROOMS.slice(place + 1).map((right) => `${src}/${right}/**`), `${src}/*.ts`],
    message: 'Arrows point left: a room imports itself, platform/ and rooms to its left.',
  })),
];

// Tests, and what only tests and benches import.
const TESTS = [
  '**/*.test.ts',
  '**/*.test.tsx',
  '**/*-fixture.ts',
  '**/*-conformance.ts',
  '**/*-checks.ts',
  '**/*-test-app.ts',
  '**/malformed-input.ts',
  'detector-backend/test/**',
  'detector-backend/bench/**',
  'detector-backend/campaign/**',
  'grafana-app-plugin/tests/**',
];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/dist/**',
      '**/.cache/**',
      '**/.data/**',
      '**/generated.ts',
      '**/coverage/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] })],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'No barrels: import the file itself.' },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['detector-backend/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only platform/config.ts reads the environment.' },
      ],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
    },
  },
  { files: ['detector-backend/src/platform/config.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    // A list of routes is one function that only registers; its handlers are counted by themselves.
    files: ['detector-backend/src/**/*-routes.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 150, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: TESTS,
    rules: {
      'max-lines': ['error', { max: 600, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': 'off',
      // A test may set the stage with any room.
      'import-x/no-restricted-paths': 'off',
      'no-restricted-properties': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
