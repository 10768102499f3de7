import type { Anchor, Provenance, VendorName } from '../model/entry.ts';
import { binaryFilter, textFilter } from './anchor.ts';

/** What differs between families of servers. */
export interface Vendor {
  name: VendorName;
  /** Attribute that identifies an entry for ever. */
  anchorAttribute: string;
  anchorFilter(anchor: Anchor): string;
  /** What the server changes when it writes an entry, best first. */
  stampAttributes: readonly string[];
  /** Where a {@link Provenance} stands; null for what the vendor lacks. */
  provenanceAttributes: Record<keyof Provenance, string | null>;
  /** People, and nothing else. */
  userFilter: string;
  /** Where an entry can be in this server, from its root DSE. */
  contexts(rootDse: RootDse): string[];
}

/** The root DSE's attributes; names in lower case. */
export type RootDse = Record<string, string[]>;

/** LDAP_CAP_ACTIVE_DIRECTORY_OID: the server is an AD domain controller ([MS-ADTS] 3.1.1.3.4.3). */
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';

const activeDirectory: Vendor = {
  name: 'ad',
  anchorAttribute: 'objectGUID',
  anchorFilter: (anchor) => binaryFilter('objectGUID', anchor),
  stampAttributes: ['uSNChanged', 'modifyTimestamp'],
  provenanceAttributes: { sid: 'objectSid', formerSids: 'sIDHistory', createdAt: 'whenCreated' },
  // Contacts match the first term, computers and their managed accounts the second; built-in and trust accounts are critical.
  userFilter:
    '(&(objectCategory=person)(objectClass=user)(!(objectClass=computer))' +
    '(!(objectClass=msDS-GroupManagedServiceAccount))(!(isCriticalSystemObject=TRUE)))',
  // The other contexts are configuration, schema and DNS zones; they hold no people.
  contexts: (rootDse) => rootDse['defaultnamingcontext'] ?? [],
};

const openLdap: Vendor = {
  name: 'openldap',
  anchorAttribute: 'entryUUID',
  anchorFilter: (anchor) => textFilter('entryUUID', anchor),
  stampAttributes: ['entryCSN', 'modifyTimestamp'],
  provenanceAttributes: { sid: null, formerSids: null, createdAt: 'createTimestamp' },
  // All three, because not every server of this family counts a class as its superclass.
  userFilter: '(|(objectClass=inetOrgPerson)(objectClass=organizationalPerson)(objectClass=person))',
  contexts: (rootDse) => rootDse['namingcontexts'] ?? [],
};

/** Recognises the family from the root DSE. Every server that is not AD is taken for one that behaves like OpenLDAP. */
export function vendorOf(rootDse: RootDse): Vendor {
  const capabilities = rootDse['supportedcapabilities'] ?? [];
  const isAd = capabilities.includes(ACTIVE_DIRECTORY) || rootDse['rootdomainnamingcontext'] !== undefined;
  return isAd ? activeDirectory : openLdap;
}

/** What {@link vendorOf} and {@link Vendor.contexts} need; operational attributes must be asked for by name. */
export const ROOT_DSE_ATTRIBUTES: readonly string[] = [
  'supportedCapabilities',
  'rootDomainNamingContext',
  'defaultNamingContext',
  'namingContexts',
  'dsServiceName',
];
