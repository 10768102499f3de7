const DEFAULT_PORT = '636';
/** Ports that speak TLS from the first byte: LDAPS and the global catalogue's. */
const TLS_PORTS = ['636', '3269'];
const REQUIRED = [
  'GENESYS_BASE_URL',
  'GENESYS_CLIENT_ID',
  'GENESYS_CLIENT_SECRET',
  'LDAP_HOST',
  'LDAP_BIND_DN',
  'LDAP_BIND_PW',
  'LDAP_BASE_DN',
];
const OPTIONAL = ['LDAP_PORT', 'LDAP_CA_CERT'];

/** Which variable a key comes from when there is no file. */
const VARIABLES: Readonly<Record<string, string>> = {
  'target.baseUrl': 'GENESYS_BASE_URL',
  'target.clientId': 'GENESYS_CLIENT_ID',
  'target.clientSecret': 'GENESYS_CLIENT_SECRET',
  'directories[0].urls[0]': 'LDAP_HOST',
  'directories[0].bindDn': 'LDAP_BIND_DN',
  'directories[0].bindPassword': 'LDAP_BIND_PW',
  'directories[0].bases[0]': 'LDAP_BASE_DN',
  'directories[0].tls.caFile': 'LDAP_CA_CERT',
};

/** The variable behind a key of the configuration that {@link configFromEnvironment} makes. */
export function variableOf(key: string): string {
  return VARIABLES[key] ?? key;
}

export function isConfiguredByEnvironment(env: NodeJS.ProcessEnv): boolean {
  return [...REQUIRED, ...OPTIONAL].some((name) => isSet(env, name));
}

export function missingVariables(env: NodeJS.ProcessEnv): string[] {
  return REQUIRED.filter((name) => !isSet(env, name));
}

/** The configuration that the environment alone stands for, as a file would state it. */
export function configFromEnvironment(env: NodeJS.ProcessEnv): unknown {
  const url = directoryUrl(env['LDAP_HOST'] ?? '', env['LDAP_PORT']);
  return {
    name: 'default',
    directories: [
      {
        name: 'ldap',
        urls: [url],
        startTls: !url.startsWith('ldaps:'),
        tls: isSet(env, 'LDAP_CA_CERT') ? { caFile: '${LDAP_CA_CERT}' } : {},
        bindDn: '${LDAP_BIND_DN}',
        bindPassword: '${LDAP_BIND_PW}',
        bases: ['${LDAP_BASE_DN}'],
      },
    ],
    target: {
      baseUrl: '${GENESYS_BASE_URL}',
      clientId: '${GENESYS_CLIENT_ID}',
      clientSecret: '${GENESYS_CLIENT_SECRET}',
    },
  };
}

/** `LDAP_HOST` is a name or a URL. A URL's own scheme and port count; else the port decides, 636 when there is none. */
function directoryUrl(host: string, port: string | undefined): string {
  const given = port === undefined || port.trim() === '' ? null : port.trim();
  const text = host.trim();
  if (/^[a-z]+:\/\//i.test(text)) {
    const bare = text.replace(/\/$/, '');
    return given === null || /:\d+$/.test(bare) ? bare : `${bare}:${given}`;
  }
  const name = /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*$/i.test(text) ? `[${text}]` : text;
  const own = /^(?<name>[^:]+|\[.*\]):(?<port>\d+)$/.exec(name)?.groups;
  const used = given ?? own?.['port'] ?? DEFAULT_PORT;
  return `${TLS_PORTS.includes(used) ? 'ldaps' : 'ldap'}://${own?.['name'] ?? name}:${used}`;
}

function isSet(env: NodeJS.ProcessEnv, name: string): boolean {
  return (env[name] ?? '').trim() !== '';
}
