/** Most sub-authorities a SID may have (MS-DTYP, 2.4.2.2). */
const MOST = 15;
const HEADER_BYTES = 8;

/**
 * A binary SID (`objectSid`, `sIDHistory`) as people write it, `S-1-5-21-...`: revision, number of sub-authorities, six
 * bytes of authority with the highest first, then each sub-authority in four bytes with the lowest first (MS-DTYP,
 * 2.4.2.2). Null when the bytes are no SID.
 */
export function sidOf(value: Buffer): string | null {
  const [revision, count = 0] = value;
  if (revision !== 1 || count === 0 || count > MOST || value.length !== HEADER_BYTES + 4 * count) return null;
  const parts = Array.from({ length: count }, (_, at) => value.readUInt32LE(HEADER_BYTES + 4 * at));
  return ['S', revision, authority(value), ...parts].join('-');
}

/** From 2^32 on the spelling is hexadecimal (MS-DTYP, 2.4.2.1). */
function authority(value: Buffer): string {
  const number = value.readUIntBE(2, 6);
  return number < 2 ** 32 ? String(number) : `0x${number.toString(16).padStart(12, '0').toUpperCase()}`;
}
