import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadNet } from './case-environment.ts';
import { readCases, runCase } from './case-files.ts';

const FOLDER = path.resolve(import.meta.dirname, '..');

describe('pipeline cases', () => {
  const nets = new Map<string, ReturnType<typeof loadNet>>();
  for (const file of readCases(FOLDER))
    describe(file.name, () => {
      const key = JSON.stringify(file.environment);
      for (const testcase of file.testcases)
        it(testcase.description, () => {
          if (!nets.has(key)) nets.set(key, loadNet(FOLDER, file.environment));
          expect(runCase(nets.get(key)!, file, testcase).problem).toBeNull();
        });
    });
});
