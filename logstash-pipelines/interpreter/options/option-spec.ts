/**
 * What an option takes: `string`, `number`, `boolean`, `array`, `hash`, `codec`, `field`, `bytes`, `regexp` (a Ruby expression),
 * `regexps` (an array of them), `enum:a|b`, `list:a|b` (an array of enum values), `obsolete:what to do`,
 * `deprecated:what to do`. A `!` at the end says that the option is required.
 */
export type OptionTable = Record<string, string>;

export type PluginKind = 'input' | 'filter' | 'output' | 'codec';

const TLS_VERSIONS = 'list:TLSv1.1|TLSv1.2|TLSv1.3';
const ECS = 'enum:disabled|v1|v8';

export const ECS_OPTION: OptionTable = { ecs_compatibility: ECS };

export const TLS_SERVER: OptionTable = {
  ssl_enabled: 'boolean',
  ssl_certificate: 'string',
  ssl_key: 'string',
  ssl_key_passphrase: 'string',
  ssl_certificate_authorities: 'array',
  ssl_client_authentication: 'enum:none|optional|required',
  ssl_cipher_suites: 'array',
  ssl_supported_protocols: TLS_VERSIONS,
};

export const TLS_CLIENT: OptionTable = {
  ssl_enabled: 'boolean',
  ssl_certificate: 'string',
  ssl_key: 'string',
  ssl_certificate_authorities: 'array',
  ssl_verification_mode: 'enum:full|none',
  ssl_cipher_suites: 'array',
  ssl_supported_protocols: TLS_VERSIONS,
  ssl_keystore_path: 'string',
  ssl_keystore_password: 'string',
  ssl_keystore_type: 'enum:pkcs12|jks',
  ssl_truststore_path: 'string',
  ssl_truststore_password: 'string',
  ssl_truststore_type: 'enum:pkcs12|jks',
};

/** Options of every plugin of a kind. */
export const COMMON: Record<PluginKind, OptionTable> = {
  input: {
    id: 'string',
    type: 'string',
    tags: 'array',
    add_field: 'hash',
    codec: 'codec',
    enable_metric: 'boolean',
  },
  filter: {
    id: 'string',
    add_field: 'hash',
    add_tag: 'array',
    remove_field: 'array',
    remove_tag: 'array',
    enable_metric: 'boolean',
    periodic_flush: 'boolean',
  },
  output: { id: 'string', codec: 'codec', workers: 'number', enable_metric: 'boolean' },
  codec: { id: 'string', enable_metric: 'boolean' },
};
