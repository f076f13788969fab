/** How a printer with a GB18030 font reads bytes: two-byte codes in Chinese mode, one of its code pages else. */
export type CharacterMode = { readonly chinese: boolean; readonly page: number };

/** A letter and the columns of font A that it takes. */
export type DecodedCharacter = { readonly text: string; readonly columns: number };

/** What a printer with two-byte codes only makes of a four-byte code: rubbish, shown as such. */
export const unprintableSign = '\u{fffd}';

const chineseDecoder = new TextDecoder('gb18030');

/** Code page 437, 0x80 to 0xFF. */
const page437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** Pages of `ESC t n` that a screen can decode; the others show as rubbish. */
const pageDecoders = new Map([
  [16, new TextDecoder('windows-1252')],
  [17, new TextDecoder('ibm866')],
]);

export function decodeCharacters(bytes: Uint8Array, mode: CharacterMode): readonly DecodedCharacter[] {
  const characters: DecodedCharacter[] = [];
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x20 || byte === 0x7f) continue;
    if (byte < 0x80) characters.push({ text: String.fromCharCode(byte), columns: 1 });
    else if (!mode.chinese) characters.push({ text: decodeSingle(byte, mode.page), columns: 1 });
    else {
      characters.push({ text: decodePair(byte, bytes[index + 1] ?? 0), columns: 2 });
      index += 1;
    }
  }
  return characters;
}

function decodePair(lead: number, trail: number): string {
  if (trail < 0x40) return unprintableSign;
  return chineseDecoder.decode(Uint8Array.of(lead, trail));
}

function decodeSingle(byte: number, page: number): string {
  if (page === 0) return page437.charAt(byte - 0x80);
  return pageDecoders.get(page)?.decode(Uint8Array.of(byte)) ?? unprintableSign;
}
