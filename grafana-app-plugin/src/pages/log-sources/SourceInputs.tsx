import type { ChangeEvent } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Field, Input, RadioButtonGroup, TextArea, useStyles2 } from '@grafana/ui';
import type { EngineType, MappedField, Preset } from '../../api/log-source-types.ts';
import { setUrlParams } from '../../components/page-time.ts';
import { MAPPED_FIELD_WORDS } from '../../vocabulary.ts';
import { MAPPED_FIELDS, PRESETS } from './field-mapping.ts';
import type { InputPath, InputProblems, SourceForm } from './source-form.ts';

interface Props {
  form: SourceForm;
  /** What is wrong with an input, shown at it. */
  problems: InputProblems;
  onChange: (form: SourceForm) => void;
}

const ENGINES: { label: string; value: EngineType }[] = [
  { label: 'Elasticsearch', value: 'elasticsearch' },
  { label: 'OpenSearch', value: 'opensearch' },
];

const NAMES: { label: string; value: Preset; description: string }[] = [
  { label: 'ECS', value: 'ecs', description: 'What Beats, Elastic Agent and ECS loggers write' },
  { label: 'Seismolog', value: 'seismolog', description: 'What our Logstash pipelines write' },
];

export function SourceInputs({ form, problems, onChange }: Props) {
  const styles = useStyles2(getStyles);
  const set = (changes: Partial<SourceForm>) => onChange({ ...form, ...changes });
  return (
    <div className={styles.inputs}>
      <Field
        label="Engine"
        description="Its address and key are settings of the detector"
        invalid={problems.source_type !== undefined}
        error={problems.source_type}
        noMargin
      >
        <RadioButtonGroup
          options={ENGINES}
          value={form.source_type}
          onChange={(source_type) => setUrlParams({ source_type }, true)}
        />
      </Field>
      <TextInput
        path="name"
        label="Name"
        description="As this page and the overview call it"
        value={form.name}
        problems={problems}
        placeholder="shop logs"
        onChange={(name) => set({ name })}
      />
      <TextInput
        path="connection_config.index"
        label="Index pattern"
        description="Indices, data streams or patterns, by commas"
        value={form.index}
        problems={problems}
        placeholder="logs-*"
        isCode
        onChange={(index) => set({ index })}
      />
      <TextInput
        path="backfill_hours"
        label="Backfill, hours"
        description="Read first, so that services are known in minutes"
        value={form.backfill_hours}
        problems={problems}
        placeholder="24"
        onChange={(backfill_hours) => set({ backfill_hours })}
      />
      <TextInput
        path="read_lag_seconds"
        label="Read lag, seconds"
        description="How old documents are when they are read"
        value={form.read_lag_seconds}
        problems={problems}
        placeholder={form.preset === 'seismolog' ? '5' : '30'}
        onChange={(read_lag_seconds) => set({ read_lag_seconds })}
      />
      <FieldMapping form={form} problems={problems} onChange={onChange} />
      <QueryInput form={form} problems={problems} onChange={onChange} />
    </div>
  );
}

function FieldMapping({ form, problems, onChange }: Props) {
  const styles = useStyles2(getStyles);
  const set = (field: MappedField, path: string) =>
    onChange({ ...form, fields: { ...form.fields, [field]: path } });
  return (
    <fieldset className={styles.mapping}>
      <legend className={styles.legend}>Fields</legend>
      <p className={styles.about}>
        Where each thing stands in a document, as a dotted path. Empty inputs have the names that are shown in
        grey.
      </p>
      <div className={styles.names}>
        <Field label="Names" noMargin>
          <RadioButtonGroup
            options={NAMES}
            value={form.preset}
            onChange={(preset) => onChange({ ...form, preset })}
          />
        </Field>
      </div>
      <div className={styles.fields}>
        {MAPPED_FIELDS.map((field) => (
          <TextInput
            key={field}
            path={`connection_config.fields.${field}`}
            label={MAPPED_FIELD_WORDS[field].name}
            description={MAPPED_FIELD_WORDS[field].about}
            value={form.fields[field]}
            problems={problems}
            placeholder={PRESETS[form.preset][field] ?? 'none'}
            isCode
            onChange={(path) => set(field, path)}
          />
        ))}
      </div>
    </fieldset>
  );
}

function QueryInput({ form, problems, onChange }: Props) {
  const styles = useStyles2(getStyles);
  const problem = problems['connection_config.query'];
  return (
    <div className={styles.wide}>
      <Field
        label="Query (optional)"
        description="Query DSL as JSON; only documents that match are read"
        invalid={problem !== undefined}
        error={problem}
        noMargin
      >
        <TextArea
          id="source-query"
          rows={3}
          invalid={problem !== undefined}
          aria-invalid={problem !== undefined}
          className={styles.code}
          value={form.query}
          placeholder={'{"bool": {"must_not": [{"term": {"log.level": "debug"}}]}}'}
          onChange={(event) => onChange({ ...form, query: event.currentTarget.value })}
        />
      </Field>
    </div>
  );
}

interface TextInputProps {
  path: InputPath;
  label: string;
  description?: string;
  value: string;
  placeholder: string;
  problems: InputProblems;
  isCode?: boolean;
  onChange: (value: string) => void;
}

function TextInput(props: TextInputProps) {
  const { path, label, description, value, placeholder, problems, isCode = false, onChange } = props;
  const styles = useStyles2(getStyles);
  const problem = problems[path];
  return (
    <Field label={label} description={description} invalid={problem !== undefined} error={problem} noMargin>
      <Input
        id={`source-${path}`}
        className={isCode ? styles.code : undefined}
        value={value}
        placeholder={placeholder}
        aria-invalid={problem !== undefined}
        spellCheck={false}
        autoComplete="off"
        onChange={(event: ChangeEvent<HTMLInputElement>) => onChange(event.target.value)}
      />
    </Field>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  inputs: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(300px, 1fr))',
    gap: theme.spacing(2),
    alignItems: 'start',
    paddingBottom: theme.spacing(2),
  }),
  mapping: css({
    gridColumn: '1 / -1',
    minWidth: 0,
    margin: 0,
    padding: theme.spacing(1.5),
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
  legend: css({
    width: 'auto',
    margin: 0,
    padding: theme.spacing(0, 0.5),
    fontSize: theme.typography.h5.fontSize,
  }),
  about: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  names: css({ paddingBottom: theme.spacing(1.5) }),
  fields: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(290px, 1fr))',
    gap: theme.spacing(1.5, 2),
    alignItems: 'end',
  }),
  wide: css({ gridColumn: '1 / -1' }),
  code: css({ 'input, &': { fontFamily: theme.typography.fontFamilyMonospace } }),
});
