import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMask } from './mask.ts';
import { DEFAULT_MASK_POLICY, maskPolicyOf } from './mask-policy.ts';

const mask = createMask(DEFAULT_MASK_POLICY);
const only = (part: object) => createMask({ email: false, card: false, secret: false, words: [], ...part });
const each = (cases: Record<string, string>) => {
  for (const [given, expected] of Object.entries(cases)) expect(mask.text(given)).toBe(expected);
};
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbU';

describe('e-mail', () => {
  it('is masked', () => {
    each({
      'mail to alice.b+x@mail.example.org.': 'mail to <email>.',
      'from=<a@b.de>,to="c_d@e-f.com"': 'from=<<email>>,to="<email>"',
      'Jürgen@müller.de': '<email>',
      'GET /reset?email=ann%40example.org&n=1': 'GET /reset?email=<email>&n=1',
      '"mail":"ann\\u0040example.org"': '"mail":"<email>"',
    });
  });
  it('is not what has another form', () => {
    each(
      same([
        'root@10.0.0.1',
        'lodash@4.17.21',
        'a@b',
        '@Override',
        'x@.com',
        'java.lang.Object@1f.2',
        'react@18.0.0-rc.1',
        'sha@sha256:ab',
      ]),
    );
  });
});

describe('card', () => {
  it('is masked', () => {
    each({
      'paid with 4111111111111111.': 'paid with <card>.',
      'card=4111-1111-1111-1111,': 'card=<card>,',
      'took 5 4111 1111 1111 1111 2025': 'took 5 <card> 2025',
      '"3782 822463 10005" 5555555555554444': '"<card>" <card>',
    });
    expect(mask.json({ n: 4111111111111111, m: 1767571200000 })).toEqual({ n: '<card>', m: 1767571200000 });
  });
  it('is masked where it touches other characters, and in URLs', () => {
    each({
      card_4111111111111111: 'card_<card>',
      'card-4111111111111111-ok': 'card-<card>-ok',
      'req-4111111111111111-7': 'req-<card>-7',
      '+4111111111111111 #4111111111111111 ~5555555555554444': '+<card> #<card> ~<card>',
      'PAN4111111111111111 cc5555555555554444x': 'PAN<card> cc<card>x',
      'pan4111-1111-1111-1111, card-4111 1111 1111 1111': 'pan<card>, card-<card>',
      'a=4111%201111%201111%201111&b=%204111111111111111&c=4111+1111+1111+1111':
        'a=<card>&b=%20<card>&c=<card>',
      '4111.1111.1111.1111 4111_1111_1111_1111': '<card> <card>',
      'line\\n4111111111111111': 'line\\n<card>',
    });
  });
  it('is masked as a number that is too long to be exact', () => {
    // 4000000000000000006 is 4000000000000000000 when JSON was read.
    expect(mask.json([4000000000000000006, -4111111111111111, 1767571200000000000, 4.5e18 + 0.5])).toEqual(
      ['<card>', '<card>', 1767571200000000000, '<card>'],
    ); // prettier-ignore
    expect(mask.json([41111111111111111111, 4111111111111112, 0.4111111111111111])).toEqual([
      41111111111111111111, 4111111111111112, 0.4111111111111111,
    ]); // prettier-ignore
  });
  it('is no id, time or other number', () => {
    each(
      same([
        '4111111111111112', '1767571200000', '1767571200000000000', 'blk_-4111111111111111', 'blk_4111111111111111',
        '0.4111111111111111', '4111111111111111.5', 'a4111111111111111', '0x4111111111111111', '41111111111111111111',
        '41111111-1111-1111-1111-111111111111', '12345678-4111-1111-1111-1111abcdef12', '4111 1111 1111 11112',
        '+378282246310005', 'trace 4111111111111111c0ffee', '4111.1111.1111.1112',
      ]),
    ); // prettier-ignore
  });
});

describe('secret', () => {
  it('is what stands behind a key that says so', () => {
    each({
      'password=hunter2 user=bob': 'password=<secret> user=bob',
      'DB_PASSWORD: "a b\\" c", x': 'DB_PASSWORD: "<secret>", x',
      '{"apiKey":"k1","n":1}': '{"apiKey":"<secret>","n":1}',
      '{\\"client_secret\\":\\"k1\\",\\"n\\":1}': '{\\"client_secret\\":\\"<secret>\\",\\"n\\":1}',
      "passwd => 'x'": "passwd => '<secret>'",
      'Authorization: Bearer abc.def': 'Authorization: Bearer <secret>',
      'GET /?access_token=abc&n=1': 'GET /?access_token=<secret>&n=1',
      'password="open end': 'password="<secret>',
      'postgres://app:p4ss@db:5432/x': 'postgres://app:<secret>@db:5432/x',
      'https://bob:x@mail.example.org/': 'https://bob:<secret>@mail.example.org/',
    });
  });
  it('is a token of a known form', () => {
    each({
      'key AKIAIOSFODNN7EXAMPLE used': 'key <secret> used',
      [`jwt ${JWT}`]: 'jwt <secret>',
      'bearer a1b2c3d4e5': 'bearer <secret>',
      'Basic dXNlcjpwYXNz': 'Basic <secret>',
      'ghp_0123456789abcdefghijABCDEFGHIJ012345 x': '<secret> x',
    });
  });
  it('is no word or number that only stands near', () => {
    each(
      same([
        'Failed password for root from 10.0.0.1', 'Basic authentication failed', 'bearer of news', 'token=null',
        'max_tokens=512', 'secretName: x', 'PWD=/root', 'Unexpected token: }', 'at 12:30:45 key=7', 'token_count: 5',
        'password:', 'AKIA', 'eyJhbGciOiJIUzI1NiJ9',
      ]),
    ); // prettier-ignore
  });
  it('is found by its key in metadata, and keys are texts, too', () => {
    const metadata = { password: 'x', deep: [{ Api_Key: 'y', note: 'mail a@b.de' }], 'a@b.de': 1, ok: 'z' };
    expect(mask.json(metadata)).toEqual({
      password: '<secret>',
      deep: [{ Api_Key: '<secret>', note: 'mail <email>' }],
      '<email>': 1,
      ok: 'z',
    });
    const clean = { a: ['b', { c: null }], d: 7 };
    expect(mask.json(clean)).toBe(clean);
  });
});

describe('a secret', () => {
  it('is the credentials of any scheme behind authorization, and nothing behind them', () => {
    const amazon =
      'Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6';
    each({
      'Authorization: ApiKey VnVhQ2ZHY0JDZGJrUW==': 'Authorization: ApiKey <secret>',
      'proxy-authorization: Negotiate YIIJvwYGKwYBBQ took 5 ms':
        'proxy-authorization: Negotiate <secret> took 5 ms',
      'Authorization: Token token="abc", email="x" GET /': 'Authorization: Token <secret> GET /',
      [`Authorization: AWS4-HMAC-SHA256 ${amazon} status=200`]:
        'Authorization: AWS4-HMAC-SHA256 <secret> status=200',
      'Authorization: Digest username="Mufasa", realm="a b@c", qop=auth, response="6629fae4" x':
        'Authorization: Digest <secret> x',
      '{\\"Authorization\\":\\"Digest username=\\\\\\"M\\\\\\", nonce=7\\",\\"n\\":1}':
        '{\\"Authorization\\":\\"Digest <secret>\\",\\"n\\":1}',
      "curl -H 'Authorization: Basic dXNlcjpwYXNz=' -H 'X: y'":
        "curl -H 'Authorization: Basic <secret>' -H 'X: y'",
      'authorization: Custom k1=v1,k2=v2 x': 'authorization: <secret> x',
      'authorization=letmein role=admin': 'authorization=<secret> role=admin',
      'authorization: s3cr3t for bob': 'authorization: <secret> for bob',
      'Authorization: Bearer abc, status=200': 'Authorization: Bearer <secret>, status=200',
    });
  });

  it('is a list, an object or a number, too', () => {
    each({
      '{"X-Api-Key":["abcd1234","]x"],"n":1}': '{"X-Api-Key":[<secret>],"n":1}',
      '{"credentials":{"user":"a}b","pass":["hunter2"]},"n":1}': '{"credentials":{<secret>},"n":1}',
      '{\\"token\\": [\\"a\\"], \\"n\\": 1}': '{\\"token\\": [<secret>], \\"n\\": 1}',
      '"password":123456,': '"password":<secret>,',
      'password: Some("hunter2"), n: 1': 'password: <secret>), n: 1',
      "{'password': b'hunter2'}": "{'password': b'<secret>'}",
      '"token":["cut off': '"token":[<secret>',
    });
    const metadata = {
      'X-Api-Key': ['abcd1234'],
      password: 123456,
      credentials: { user: 'ann', pass: 'hunter2', deep: [{ n: 7, is_set: true, at: null }] },
      token: '',
      env: [{ name: 'DB_PASSWORD', value: 'hunter2' }, { name: 'PATH', value: '/bin' }],
    }; // prettier-ignore
    expect(mask.json(metadata)).toEqual({
      'X-Api-Key': ['<secret>'],
      password: '<secret>',
      credentials: { user: '<secret>', pass: '<secret>', deep: [{ n: '<secret>', is_set: true, at: null }] },
      token: '',
      env: [{ name: 'DB_PASSWORD', value: '<secret>' }, { name: 'PATH', value: '/bin' }],
    }); // prettier-ignore
  });

  it.each([
    'pass', 'dbPassword', 'DB_PASS', 'userPass', 'password_confirmation', 'password1', 'password_2', 'new-password',
    'aws_secret_access_key', 'client_secret', 'refreshToken', 'id_token', 'cookie', 'session_id', 'JSESSIONID',
    'X-Amz-Security-Token', 'X-Amz-Credential', 'http.request.headers.authorization', 'spring.datasource.password',
    'secret_key_base', 'AccountKey', 'SharedAccessKey', 'user[password]', 'one_time_password', 'smtp.pass',
  ])('stands behind %s', (key) => {
    for (const text of [`${key}=hunter2x`, `{"${key}": "hunter2x"}`, `x?${key}=hunter2x&n=1`, `${key} : hunter2x`])
      expect(mask.text(text)).toBe(text.replace('hunter2x', '<secret>'));
    expect(mask.text(`a=1%26${key}%3Dhunter2x`)).not.toContain('hunter2x');
    expect(mask.json({ [key]: 'hunter2x' })).toEqual({ [key]: '<secret>' });
  }); // prettier-ignore

  it('is a signature, a cookie, a private key', () => {
    each({
      'Set-Cookie: sid=abc; Path=/; HttpOnly\nnext': 'Set-Cookie: <secret>\nnext',
      '"cookie: a=b; c=\\"d e\\"" 200': '"cookie: <secret>" 200',
      'GET /c/b.txt?sv=2020&sig=a1B2%2Fc3d4%3D&se=1': 'GET /c/b.txt?sv=2020&sig=<secret>&se=1',
      '&X-Amz-Signature=5d672d79c15b1316&X-Amz-Date=1': '&X-Amz-Signature=<secret>&X-Amz-Date=1',
      'key: -----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY----- x':
        'key: -----BEGIN RSA PRIVATE KEY-----<secret>-----END RSA PRIVATE KEY----- x',
      'private_key: -----BEGIN PRIVATE KEY-----\\nMIIE': 'private_key: -----BEGIN PRIVATE KEY-----<secret>',
      'url=%20ghp_0123456789abcdefghijABCDEFGHIJ012345': 'url=%20<secret>',
      'a\\nAKIAIOSFODNN7EXAMPLE': 'a\\n<secret>',
      'slack xoxb-123456789012-abcdefABCDEF': 'slack <secret>',
    });
  });

  it('stands behind its key with any blanks between', () => {
    each({
      'password  = hunter2 x': 'password  = <secret> x',
      'password\t=\thunter2': 'password\t=\t<secret>',
      'Password     : hunter2': 'Password     : <secret>',
      'password:      hunter2': 'password:      <secret>',
      'password= user=bob host="db 1"': 'password= user=bob host="db 1"',
      'password= token=abc': 'password= token=<secret>',
      'password = dGVzdA== x': 'password = <secret> x',
    });
  });

  it('stands behind an option, in SQL, in XML, in a webhook', () => {
    each({
      "ALTER USER bob WITH PASSWORD 'hunter2' VALID": "ALTER USER bob WITH PASSWORD '<secret>' VALID",
      'mysqldump --password hunter2 db': 'mysqldump --password <secret> db',
      'x --db-password "a b" --api-key k': 'x --db-password "<secret>" --api-key <secret>',
      'x --auth-token a1b2 --password --verbose': 'x --auth-token <secret> --password --verbose',
      '<user>bob</user><password>hunter2</password>': '<user>bob</user><password><secret></password>',
      '<wsse:Password Type="x">hunter2</wsse:Password>': '<wsse:Password Type="x"><secret></wsse:Password>',
      '<secret>abc</secret> <token><![CDATA[a<b]]></token>':
        '<secret><secret></secret> <token><secret></token>',
      'POST https://hooks.slack.com/services/T000/B000/XXXX 404':
        'POST https://hooks.slack.com/services/<secret> 404',
      'https://discord.com/api/webhooks/12/ab-c?wait=1 x': 'https://discord.com/api/webhooks/<secret> x',
    });
    each(
      same([
        'flag --token is deprecated', '--password is insecure', 'usage: login <user> <password> [options]',
        'password=<secret> for <b>bob</b>', '<password></password>', '<a>b</a>', 'no --password given',
        'https://hooks.slack.com/services/ is down', 'bob -> token -> x', '<secretary>ann</secretary>',
      ]),
    ); // prettier-ignore
  });

  it('is the value of a pair that names it', () => {
    each({
      '{"key":"password","value":"hunter2"}': '{"key":"password","value":"<secret>"}',
      '{"Name": "DB_PASSWORD",\n "Value": "hunter2", "n": 1}':
        '{"Name": "DB_PASSWORD",\n "Value": "<secret>", "n": 1}',
      '{\\"name\\":\\"token\\",\\"value\\":\\"hunter2\\"}': '{\\"name\\":\\"token\\",\\"value\\":\\"<secret>\\"}',
      '{"name":"PATH","value":"/bin"}': '{"name":"PATH","value":"/bin"}',
      '{"nick":"password","value":"x"}': '{"nick":"password","value":"x"}',
    }); // prettier-ignore
    expect(
      mask.json([
        { Key: 'password', Value: 'hunter2' },
        { VALUE: 'hunter2', NAME: 'DB_PASSWORD' },
        { key: 'a', name: 'token', value: 'b' },
      ]),
    ).toEqual([
      { Key: 'password', Value: '<secret>' },
      { VALUE: '<secret>', NAME: 'DB_PASSWORD' },
      { key: 'a', name: 'token', value: '<secret>' },
    ]);
  });

  it('is the cookies alone where `=` names them, and all of a header', () => {
    each({
      'level=info cookie=sid=abc status=500 msg="disk full" path=/x':
        'level=info cookie=<secret> status=500 msg="disk full" path=/x',
      '200 cookie=sid=abc rt=0.1': '200 cookie=<secret> rt=0.1',
      'cookie=sid=abc; theme="d e"; HttpOnly; Path=/ rt=0.1': 'cookie=<secret> rt=0.1',
      'cookie=flag; sid=s3cr3tvalue1 rt=0.1': 'cookie=<secret> rt=0.1',
      'cookie=prefs=a&sid=s3cr3t; b=c; done': 'cookie=<secret>; done',
      'Cookie: flag; sid=s3cr3tvalue1': 'Cookie: <secret>',
      'Cookie: none; sid=s3cr3tvalue1': 'Cookie: <secret>',
      'invalid cookie: domain mismatch for host a.b': 'invalid cookie: domain mismatch for host a.b',
      'Cookie: none': 'Cookie: none',
    });
  });

  it('is no word of a message', () => {
    each(
      same([
        'get secret: forbidden', 'get token: timeout after 5s', 'failed to list *v1.Secret: secrets is forbidden',
        'open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory',
        '/etc/passwd: Permission denied', '--- PASS: TestLogin (0.01s)', 'proxy_pass: http://10.0.0.1:8080/a',
        'pass=1000 fail=0', 'token=<nil>', 'token: (none)', 'password: (none)', 'password: incorrect',
        'password: required', 'api_key: expired', 'get token: 503 Service Unavailable', 'refresh token: invalid_grant',
        'get token: x509: certificate signed by unknown authority', 'bad token: user=bob', 'authorization: denied',
        'authorization: token expired for user 42', 'credentials: not found', 'access_token: revoked.',
      ]),
    ); // prettier-ignore
    each({
      'token: abc123': 'token: <secret>',
      'secret: aBcdef': 'secret: <secret>',
      'token: ab~cd': 'token: <secret>',
      'token:abc': 'token:<secret>',
      'token=abc': 'token=<secret>',
      'password: sesame': 'password: <secret>',
      'spring.datasource.password: sesame': 'spring.datasource.password: <secret>',
      'passphrase: open sesame': 'passphrase: <secret> sesame',
      'api_key: abc': 'api_key: <secret>',
      'DB_PASS: sesame': 'DB_PASS: <secret>',
      'DB_PASS=123456 otp=123456': 'DB_PASS=<secret> otp=<secret>',
      'pass: hunter2': 'pass: <secret>',
    });
    expect(mask.json({ pass: 1000 })).toEqual({ pass: 1000 });
  });

  it('of the form sk- is no name of a host', () => {
    each({
      'host sk-bratislava-edge-01.example.com up': 'host sk-bratislava-edge-01.example.com up',
      'sk-bratislava-datacenter-edge-01 up': 'sk-bratislava-datacenter-edge-01 up',
      'key sk-abcdefghij0123456789ABCD. Next': 'key <secret>. Next',
      'key sk-proj-a_b-abcdefghij0123456789ABCD-xyzAA': 'key <secret>',
    });
  });

  it('is no count, and no word that only sounds like a key', () => {
    each(
      same([
        'tokens=512', 'max_tokens=512', 'passed=3', 'bypass=on', 'compass: north', 'author=ann', 'pass=3 fail=0',
        'GC pass: 12ms', 'first_pass=1.5s', 'otp: 26', 'signature: void foo', 'sign=left', 'config=a1b2c3d4e5', 'design: a1b2c3d4',
        'authority=example.org', 'cookies_enabled=yes', 'has_cookie=true', 'password_length=8', 'keyboard=qwerty', 'secretary: ann',
        'Unexpected token: { in line 3', 'password={}', 'token=[]', 'passenger=ann', '100%3', 'C:\\new\\table',
        '-----BEGIN CERTIFICATE-----', 'authorization: none', 'primary_key=7', 'session=3', 'tokenizer=bpe',
      ]),
    ); // prettier-ignore
    const harmless = {
      tokens: 512,
      pass: 3,
      usage: { max_tokens: 7 },
      author: 'ann',
      signature: 'foo',
      bypass: 'x',
    };
    expect(mask.json(harmless)).toBe(harmless);
  });
});

describe('custom words', () => {
  it('are masked in any case, as words of their own', () => {
    const { text } = only({ words: ['Acme', 'acme corp', 'Müller-X', 'word'] });
    expect(text('ACME corp, acme-prod acmex Acme_1 müller-x')).toBe(
      '<word>, <word>-prod acmex <word>_1 <word>',
    );
    expect(text(text('a word'))).toBe('a <word>');
  });
});

describe('policy', () => {
  it('switches parts off', () => {
    const line = 'a@b.de 4111111111111111 password=x';
    expect(only({}).text(line)).toBe(line);
    expect(only({ email: true }).text(line)).toBe('<email> 4111111111111111 password=x');
    expect(only({ card: true }).text(line)).toBe('a@b.de <card> password=x');
    expect(only({ secret: true }).text(line)).toBe('a@b.de 4111111111111111 password=<secret>');
  });
  it('has defaults for what is not stored', () => {
    expect(maskPolicyOf(undefined)).toEqual(DEFAULT_MASK_POLICY);
    expect(maskPolicyOf({ card: false, words: [7, 'ab'] })).toEqual({
      ...DEFAULT_MASK_POLICY,
      card: false,
      words: ['ab'],
    });
  });
});

const PIECES = [
  'a@b.de', '@', '.', ' ', '=', ': ', '"', "'", '\\', '\\"', 'password', 'token=', 'bearer ', 'Basic ', 'eyJ', '4111',
  '1111', '4111111111111111', '://', '/', ':', '-', '_', '<', '>', '<secret>', '<email>', 'AKIAIOSFODNN7EXAMPLE', 'word',
  'acme', 'é', '\ud800', '12', 'aB1', '&', ',', '{', '[', '\n', JWT, '%40', '%3D', '%20', '\\n', '}', ']', '(', '=',
  'pass', 'sig=', 'Authorization: ', 'Digest ', 'cookie=', '; ', '-----BEGIN PRIVATE KEY-----', '-----END', "b'", '+',
  ' --password ', "PASSWORD '", '<password>', '</', '"name":"token","value":"', 'Cookie: ', 'hooks.slack.com/services/',
  'token: ', '\t', 'sk-', 'pass: ', 'none', 'user=',
]; // prettier-ignore
const texts = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const all = createMask({ ...DEFAULT_MASK_POLICY, words: ['acme', 'word', 'email'] });

describe('any text', () => {
  it('masked twice is masked once', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(all.text(all.text(text))).toBe(all.text(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps what stands around a secret, and not the secret', () => {
    const outside = fc.string({ unit: fc.constantFrom(...'abc xyz, 7 ('), maxLength: 20 });
    const hidden = fc.constantFrom('alice@example.org', '4111111111111111', 'password=hunter2', JWT);
    fc.assert(
      fc.property(outside, hidden, outside, (before, secret, after) => {
        const masked = mask.text(`${before} ${secret} ${after}`);
        expect(masked).not.toContain(secret.replace('password=', ''));
        expect(masked.startsWith(`${before} `)).toBe(true);
        expect(masked.endsWith(` ${after}`)).toBe(true);
      }),
    );
  });

  it('shows no secret, wherever it is planted', () => {
    const secret = 'hunter2Xyz';
    const key = fc.constantFrom(
      'password',
      'X-Api-Key',
      'dbPass',
      'Authorization',
      'session_id',
      'Cookie',
      'sig',
    );
    const leaf = fc.constantFrom<unknown>(
      secret,
      [secret],
      [1, secret],
      { a: secret },
      { a: [{ b: secret }] },
    );
    const around = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.tuple(key, leaf).map(([name, value]) => ({ n: 1, [name]: value, after: 'x' })),
        fc.tuple(fc.constantFrom('a', 'headers', 'b c'), tie('node')).map(([name, value]) => ({ [name]: value })),
        tie('node').map((value) => ['x', value]),
        tie('node').map((value) => ({ text: JSON.stringify(value) })),
      ),
    })).node; // prettier-ignore
    fc.assert(
      fc.property(around, (value) => {
        expect(JSON.stringify(mask.json(value))).not.toContain(secret);
        expect(mask.text(JSON.stringify(value))).not.toContain(secret);
        expect(mask.text(JSON.stringify(value, null, 2))).not.toContain(secret);
        expect(mask.json(mask.json(value))).toEqual(mask.json(value));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes time that grows with its length only', () => {
    for (const piece of [
      '@',
      'a@',
      'a@a.',
      'eyJ_',
      'bearer a',
      'password=',
      '4111 ',
      '"=',
      '\\"',
      ':a@/',
      'token="a\\',
      'token={',
      'token={token: [',
      'sig="a',
      "sig:b'a ",
      'token: { ',
      'cookie: a=" ',
      'authorization: a ',
      'Authorization: Digest a="b", ',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY----- -----END ',
      '%40a.',
      '%3D',
      '%20eyJ_',
      '\\neyJ_',
      '4111%20',
      'x4111',
      'password]',
      'password=\t',
      'password= a',
      'token: a',
      '<password>',
      '<password a',
      'cookie=a=b; ',
      'cookie=a; b&',
      ' --token-a',
      ' --password ',
      "password '",
      '{"name":"token","value":',
      'sk-a-',
    ]) {
      const of = (length: number) => {
        const text = piece.repeat(length / piece.length);
        const once = () => {
          // Of this process alone: others may want the processor, too.
          const { user } = process.cpuUsage();
          all.text(text);
          return process.cpuUsage().user - user;
        };
        return Math.min(once(), once(), once());
      };
      // Quadratic would be 256 times.
      expect(of(160_000), piece).toBeLessThan(64 * Math.max(of(10_000), 1000));
    }
  });
});

function same(list: string[]): Record<string, string> {
  return Object.fromEntries(list.map((text) => [text, text]));
}
