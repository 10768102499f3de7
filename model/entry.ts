/** Immutable id of a directory object, in canonical lower-case UUID form (AD `objectGUID`, OpenLDAP `entryUUID`). */
export type Anchor = string;

/** Which family of server a directory is, recognised from its root DSE. */
export type VendorName = 'ad' | 'openldap';

/**
 * What a server itself notes about where an entry comes from: evidence of who is who, which no mapping sees. What a server
 * lacks, or the account may not read, is null or empty.
 */
export interface Provenance {
  /** AD `objectSid`, as `S-1-5-21-...`. */
  sid: string | null;
  /** AD `sIDHistory`, spelled alike: what the account's SID was before it moved here from other domains. */
  formerSids: string[];
  /** ISO time at which the entry was made: AD `whenCreated`, else `createTimestamp`. */
  createdAt: string | null;
}

/** One directory object in scope, as LDAP returned it, reduced to what mapping and planning need. JSON-safe. */
export interface Entry {
  /** `directories[].name` of the configuration. */
  directory: string;
  vendor: VendorName;
  anchor: Anchor;
  /** The DN as the server spelled it. */
  dn: string;
  /** The DN parsed, case-folded and spelled again: equal DNs have equal keys. */
  dnKey: string;
  /** What the server changes when it writes the entry: `uSNChanged`, else `entryCSN`, else `modifyTimestamp`. */
  stamp: string;
  /**
   * Within what the stamp means anything: the invocation id of the domain controller that counted it; for a time stamp
   * too young to tell two writes in one second apart the moment of the read; else empty.
   */
  stampScope: string;
  /** False when the directory says in any way that the person may not work now. */
  enabled: boolean;
  /** The sign that made `enabled` false, as a short phrase (`userAccountControl says disabled`), else null. */
  disabledBecause: string | null;
  /** ISO time at which time alone changes `enabled` (expiry, start date), else null. */
  dueAt: string | null;
  /** Requested attributes; names in lower case, values in server order, absent when empty. Binary ones are left out. */
  attributes: Record<string, string[]>;
  /** Absent in a sweep, and where nothing of it could be read. */
  provenance?: Provenance | undefined;
}

/** What an unscoped look by anchor found. An anchor without a sighting is gone. */
export interface Sighting {
  anchor: Anchor;
  directory: string;
  dn: string;
  /** True when bases, filter and exclude still take it in: then it has not left. */
  inScope: boolean;
}

/** How many entries a read returned and kept. */
export interface ReadCounts {
  /** Entries the directory returned. */
  read: number;
  /** After `exclude`, disabled ones included. */
  inScope: number;
  /** Referrals reported by the server, never followed. */
  referrals: string[];
}
