/** What to write instead of attributes that other providers have, or guides name, and Genesys Cloud lacks. */
const HINTS: Readonly<Record<string, string>> = {
  name: 'it has no parts of names: build displayName instead.',
  addresses: 'it keeps no addresses by SCIM: remove it.',
  photos: 'it takes no photos by SCIM: remove it.',
  locale: 'it takes no locale by SCIM: remove it.',
  timezone: 'it takes no time zone by SCIM: remove it.',
  userType: 'it has no such field: remove it.',
  nickName: 'it has no preferred names by SCIM: build displayName instead.',
  preferredName: 'it has no preferred names by SCIM: build displayName instead.',
  profileUrl: 'it has no such field: remove it.',
  preferredLanguage: 'use routingLanguages for languages an agent serves, or remove it.',
  location: 'it takes no locations by SCIM: remove it.',
  groups: 'groups are read-only there, and are changed by their members: remove it.',
  id: 'the service gives the id itself: remove it.',
  meta: 'the service writes meta itself: remove it.',
  password: 'Rollcall writes no passwords, since people log in by single sign-on: remove it.',
  entitlements: 'use roles instead.',
  x509Certificates: 'it has no such field: remove it.',
  ims: 'it has no such field: remove it.',
  costCenter: 'of the enterprise extension it has division, department, manager, employeeNumber and dateHire.',
  organization: 'of the enterprise extension it has division, department, manager, employeeNumber and dateHire.',
  division: 'it stands in the enterprise extension: write division alone.',
  department: 'it stands in the enterprise extension: write department alone.',
  manager: 'it stands in the enterprise extension: write manager alone.',
  employeeNumber: 'it stands in the enterprise extension: write employeeNumber alone.',
  dateHire: 'it stands in the enterprise extension: write dateHire alone.',
  externalIds: 'it stands in the Genesys extension: write externalIds alone.',
  routingSkills: 'it stands in the Genesys extension: write routingSkills alone.',
  routingLanguages: 'it stands in the Genesys extension: write routingLanguages alone.',
  divisions: 'write division with the name of one division.',
  roles: 'write roles alone, with the names of roles as values.',
  routing_email: 'write emails[work] instead.',
  routing_phone_numbers: 'write phoneNumbers[work] instead.',
  ad_object_guid: 'write externalIds with an authority of your own and the value $anchor.',
};
const BY_NAME = new Map(Object.entries(HINTS).map(([name, hint]) => [name.toLowerCase(), hint]));

/** What to write instead of an attribute the service lacks; null when nothing particular is known. */
export function attributeHint(attribute: string): string | null {
  return BY_NAME.get(attribute.toLowerCase()) ?? null;
}
