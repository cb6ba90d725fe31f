import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A CA of our own and a certificate of it for 127.0.0.1. */
export function makeCertificates(): { ca: string; key: string; certificate: string } {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'seismolog-certificates-'));
  const openssl = (...words: string[]) => {
    const { status, stderr } = spawnSync('openssl', words, { cwd: dir, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${words.join(' ')}: ${stderr}`);
  };
  const read = (name: string) => fs.readFileSync(path.join(dir, name), 'utf8');
  const new_key = ['req', '-newkey', 'rsa:2048', '-nodes'];
  openssl(...new_key, '-x509', '-days', '2', '-subj', '/CN=Test CA', '-keyout', 'ca.key', '-out', 'ca.crt');
  openssl(...new_key, '-subj', '/CN=127.0.0.1', '-keyout', 'node.key', '-out', 'node.csr');
  fs.writeFileSync(path.join(dir, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
  openssl('x509', '-req', '-in', 'node.csr', ...signer, '-extfile', 'names', '-out', 'node.crt');
  const pems = { ca: read('ca.crt'), key: read('node.key'), certificate: read('node.crt') };
  fs.rmSync(dir, { recursive: true });
  return pems;
}
