import { emptyForm, formProblems, inputOfError, sourceOfForm } from './source-form.ts';

const form = { ...emptyForm('elasticsearch'), name: 'shop logs', index: ' logs-* ' };

it('leaves what is empty to the detector', () => {
  expect(sourceOfForm({ ...form, backfill_hours: '' })).toEqual({
    name: 'shop logs',
    source_type: 'elasticsearch',
    connection_config: { index: 'logs-*' },
  });
});

it('sends what was typed, numbers and JSON as such', () => {
  const typed = {
    ...form,
    fields: { ...form.fields, severity: 'level ' },
    query: '{"term": {"env": "prod"}}',
    backfill_hours: '0',
    read_lag_seconds: '60',
  };
  expect(sourceOfForm(typed)).toEqual({
    name: 'shop logs',
    source_type: 'elasticsearch',
    connection_config: { index: 'logs-*', fields: { severity: 'level' }, query: { term: { env: 'prod' } } },
    backfill_hours: 0,
    read_lag_seconds: 60,
  });
});

it.each([
  ['name', { name: '' }],
  ['name', { name: '-shop' }],
  ['connection_config.index', { index: ' ' }],
  ['connection_config.query', { query: '{"term": ' }],
  ['connection_config.query', { query: '[]' }],
  ['backfill_hours', { backfill_hours: '721' }],
  ['backfill_hours', { backfill_hours: '1.5' }],
  ['read_lag_seconds', { read_lag_seconds: '-1' }],
])('names %s as wrong in %o', (input, changes) => {
  expect(Object.keys(formProblems({ ...form, ...changes }, { name: true }))).toEqual([input]);
});

it('needs no name for a preview', () => {
  expect(formProblems({ ...form, name: '' }, { name: false })).toEqual({});
  expect(formProblems(form, { name: true })).toEqual({});
});

it.each([
  ['name', 'name'],
  ['connection_config.index', 'connection_config.index'],
  ['index', 'connection_config.index'],
  ['connection_config.query.bool.must', 'connection_config.query'],
  ['connection_config.fields.severity', 'connection_config.fields.severity'],
  ['fields.cursor', 'connection_config.fields.cursor'],
  ['source_type', 'source_type'],
  ['connection_config', 'connection_config.index'],
  ['slice_seconds', null],
  [undefined, null],
])('an error about %s is shown at %s', (field, input) => {
  expect(inputOfError({ field })).toBe(input);
});
