import { expect, test } from 'vitest';
import { MAX_RELEASE, withRelease } from './release.ts';

test.each([
  [{ release: '1.2', version: '3' }, '1.2'],
  [{ version: ' 1.2 ' }, '1.2'],
  [{ version: 7 }, '7'],
  [{ 'service.version': '1.3', version: '7' }, '1.3'],
  [{ service: { name: 'pay', version: '1.4' } }, '1.4'],
  [{ release: null, version: '5' }, '5'],
  [{ version: 'x'.repeat(200) }, 'x'.repeat(MAX_RELEASE)],
  [{ version: `${'x'.repeat(99)}😀` }, `${'x'.repeat(99)}\ufffd`],
])('release of %o', (metadata, release) => {
  const before = structuredClone(metadata);
  expect(withRelease(metadata)?.['release']).toBe(release);
  expect(metadata).toEqual(before);
});

test('nothing is added where nothing is said', () => {
  expect(withRelease(null)).toBeNull();
  for (const metadata of [{}, { version: '' }, { version: { major: 1 } }, { service: 'pay' }, { release: 4 }])
    expect(withRelease(metadata)).toBe(metadata);
});
