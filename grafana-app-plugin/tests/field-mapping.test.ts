import { expect, it } from 'vitest';
import { PRESETS as READ } from '../../detector-backend/src/ingest/field-mapping.ts';
import { PRESETS as SHOWN } from '../src/pages/log-sources/field-mapping.ts';

it('the form shows the field names that the detector reads', () => {
  expect(SHOWN).toEqual(READ);
});
