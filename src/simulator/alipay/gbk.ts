/** GBK has two bytes a character, the first from 0x81 to 0xFE, the second from 0x40 to 0xFE but 0x7F (GBK 1.0). */
const firstLead = 0x81;
const lastLead = 0xfe;
const firstTrail = 0x40;
const lastTrail = 0xfe;
const noTrail = 0x7f;
const questionMark = 0x3f;

let bytesByCharacter: ReadonlyMap<string, readonly [number, number]> | undefined;

/** The platform can read GBK and cannot write it: its reading, turned round once. */
function invertDecoder(): ReadonlyMap<string, readonly [number, number]> {
  const decoder = new TextDecoder('gbk');
  const table = new Map<string, readonly [number, number]>();
  for (let lead = firstLead; lead <= lastLead; lead += 1) {
    for (let trail = firstTrail; trail <= lastTrail; trail += 1) {
      if (trail === noTrail) continue;
      const character = decoder.decode(Uint8Array.of(lead, trail));
      // What GBK leaves free decodes to a replacement, or to two characters.
      if (!character.includes('\uFFFD') && !table.has(character)) table.set(character, [lead, trail]);
    }
  }
  return table;
}

/** Text in GBK; what GBK does not have becomes `?`. */
export function encodeGbk(text: string): Buffer {
  bytesByCharacter ??= invertDecoder();
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? questionMark;
    if (code < 0x80) bytes.push(code);
    else bytes.push(...(bytesByCharacter.get(character) ?? [questionMark]));
  }
  return Buffer.from(bytes);
}
