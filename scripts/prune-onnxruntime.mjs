// onnxruntime-node ships the native libraries of every platform (288 MB); only this machine's are kept (46 MB).
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const base = path.join('node_modules', 'onnxruntime-node', 'bin', 'napi-v6');
const keep = path.join(base, process.platform, process.arch);

if (existsSync(keep)) {
  for (const platform of readdirSync(base)) {
    for (const arch of readdirSync(path.join(base, platform))) {
      const folder = path.join(base, platform, arch);
      if (folder !== keep) rmSync(folder, { recursive: true });
    }
  }
}
