import type { ApiError } from '../../api/client.ts';
import type {
  EngineType,
  MappedField,
  NewLogSource,
  Preset,
  PreviewedLogSource,
} from '../../api/log-source-types.ts';
import { MAPPED_FIELD_WORDS } from '../../vocabulary.ts';
import { MAPPED_FIELDS } from './field-mapping.ts';

/** What stands in the form, as typed. */
export interface SourceForm {
  name: string;
  source_type: EngineType;
  index: string;
  preset: Preset;
  /** Empty: the name of the preset. */
  fields: Record<MappedField, string>;
  query: string;
  backfill_hours: string;
  read_lag_seconds: string;
}

export const emptyForm = (source_type: EngineType): SourceForm => ({
  name: '',
  source_type,
  index: '',
  preset: 'ecs',
  fields: Object.fromEntries(MAPPED_FIELDS.map((field) => [field, ''])) as SourceForm['fields'],
  query: '',
  backfill_hours: '24',
  read_lag_seconds: '',
});

/** Path of an input in the body of the API, which is also how an error names it. */
export type InputPath =
  | 'source_type'
  | 'name'
  | 'connection_config.index'
  | 'connection_config.query'
  | `connection_config.fields.${MappedField}`
  | 'backfill_hours'
  | 'read_lag_seconds';

export type InputProblems = Partial<Record<InputPath, string>>;

const INPUT_PATHS: InputPath[] = [
  'source_type',
  'name',
  'connection_config.index',
  'connection_config.query',
  ...MAPPED_FIELDS.map((field) => `connection_config.fields.${field}` as const),
  'backfill_hours',
  'read_lag_seconds',
];

const LABELS: Partial<Record<InputPath, string>> = {
  source_type: 'Engine',
  name: 'Name',
  'connection_config.index': 'Index pattern',
  'connection_config.query': 'Query',
  backfill_hours: 'Backfill, hours',
  read_lag_seconds: 'Read lag, seconds',
};

/** What an input is called on the page. */
export function labelOfInput(path: InputPath | null): string | undefined {
  const field = MAPPED_FIELDS.find((each) => path === `connection_config.fields.${each}`);
  return field ? MAPPED_FIELD_WORDS[field].name : path === null ? undefined : LABELS[path];
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}$/;
const MAX_BACKFILL_HOURS = 720;
const MAX_READ_LAG_SECONDS = 3600;

/** What can be seen to be wrong without asking the detector. A preview needs no name. */
export function formProblems(form: SourceForm, needs: { name: boolean }): InputProblems {
  const problems: InputProblems = {};
  if ((needs.name || form.name !== '') && !NAME.test(form.name.trim())) {
    problems.name = 'Begin with a letter or digit; letters, digits, spaces and . _ / - may follow';
  }
  if (form.index.trim() === '') {
    problems['connection_config.index'] = 'Which index is read? For instance logs-*';
  }
  if (form.query.trim() !== '' && !isObject(parseJson(form.query))) {
    problems['connection_config.query'] = 'This is no JSON object. For instance {"term": {"env": "prod"}}';
  }
  if (!isWhole(form.backfill_hours, MAX_BACKFILL_HOURS)) {
    problems.backfill_hours = `A whole number of hours from 0 to ${MAX_BACKFILL_HOURS}`;
  }
  if (!isWhole(form.read_lag_seconds, MAX_READ_LAG_SECONDS)) {
    problems.read_lag_seconds = `A whole number of seconds from 0 to ${MAX_READ_LAG_SECONDS}`;
  }
  return problems;
}

/** The input that an error of the API is about; null when it is about none of them. */
export function inputOfError({ field }: Pick<ApiError, 'field'>): InputPath | null {
  if (field === undefined) {
    return null;
  }
  if (field === 'connection_config') {
    return 'connection_config.index';
  }
  const isAbout = (path: InputPath) =>
    field === path || field.startsWith(`${path}.`) || path === `connection_config.${field}`;
  return INPUT_PATHS.find(isAbout) ?? null;
}

/** Body of the API; inputs that are empty are left to the defaults of the detector. */
export function sourceOfForm(form: SourceForm): NewLogSource {
  const named = MAPPED_FIELDS.map((field) => [field, form.fields[field].trim()] as const);
  const fields = Object.fromEntries(named.filter(([, path]) => path !== ''));
  const query = form.query.trim() === '' ? undefined : parseJson(form.query);
  return {
    name: form.name.trim(),
    source_type: form.source_type,
    connection_config: {
      index: form.index.trim(),
      ...(form.preset !== 'ecs' && { preset: form.preset }),
      ...(isObject(query) && { query }),
      ...(Object.keys(fields).length > 0 && { fields }),
    },
    ...(form.backfill_hours.trim() && { backfill_hours: Number(form.backfill_hours) }),
    ...(form.read_lag_seconds.trim() && { read_lag_seconds: Number(form.read_lag_seconds) }),
  };
}

/** Body of a preview: a name that is missing or wrong does not hinder it. */
export function previewOfForm(form: SourceForm): PreviewedLogSource {
  const { name, ...rest } = sourceOfForm(form);
  return name === '' ? rest : { name, ...rest };
}

const isWhole = (text: string, most: number): boolean =>
  text.trim() === '' || (/^\d+$/.test(text.trim()) && Number(text) <= most);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
