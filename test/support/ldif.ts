/** Attributes of an entry to be made. */
export type Attributes = Record<string, string | string[]>;

/** One entry in LDIF (RFC 2849), values in base64 where they need it. */
export function ldifEntry(dn: string, attributes: Attributes): string {
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    [values].flat().map((value) => line(name, value)),
  );
  return `${[line('dn', dn), ...lines].join('\n')}\n`;
}

function line(name: string, value: string): string {
  const isSafe = /^[^\0\r\n\x80-\uffff :<][^\0\r\n\x80-\uffff]*$/.test(value) && !value.endsWith(' ');
  return isSafe ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`;
}

/** LDIF of `count` made-up people `agent00001`... below a unit. */
export function ldifPeople(count: number, unit: string): string {
  return Array.from({ length: count }, (_, index) => {
    const uid = `agent${String(index + 1).padStart(5, '0')}`;
    const attributes = { uid, cn: `Agent ${index + 1}`, sn: 'Agent', mail: `${uid}@corp.example` };
    return ldifEntry(`uid=${uid},${unit}`, { objectClass: 'inetOrgPerson', ...attributes });
  }).join('\n');
}
