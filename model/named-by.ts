/** What a person was named by: an anchor or Genesys id, a DN, or a login or mail address. */
export type NamedBy = { way: 'id' | 'dn' | 'login'; text: string };
