import { crc32, deflateRawSync } from 'node:zlib';

/** `name` in the bytes in which it shall stand; no flag says which encoding that is, as in the archives of Chinese Windows. */
export type ZippedFile = { readonly name: Buffer; readonly content: Buffer };

const versionNeeded = 20;
const deflated = 8;
/** 1 January 1980, the first day that the format knows. */
const dosDate = 0x21;

/** A ZIP archive (PKWARE APPNOTE 4.3): each file with its local header, the directory of all, and its end. */
export function zip(files: readonly ZippedFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of files) {
    const packed = deflateRawSync(content);
    const shared = sharedHeader(content, packed, name);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, name, packed]);
    directory.push(directoryEntry(shared, name, offset));
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  return Buffer.concat([...parts, listed, endOfDirectory(files.length, listed.length, offset)]);
}

/** Version, flags, method, time, date, checksum, sizes, length of the name, length of what is extra: the same in both places. */
function sharedHeader(content: Buffer, packed: Buffer, name: Buffer): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(versionNeeded, 0);
  header.writeUInt16LE(deflated, 4);
  header.writeUInt16LE(dosDate, 8);
  header.writeUInt32LE(crc32(content), 10);
  header.writeUInt32LE(packed.length, 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

function directoryEntry(shared: Buffer, name: Buffer, offset: number): Buffer {
  const entry = Buffer.alloc(46);
  entry.write('PK\x01\x02', 'latin1');
  entry.writeUInt16LE(versionNeeded, 4);
  shared.copy(entry, 6);
  entry.writeUInt32LE(offset, 42);
  return Buffer.concat([entry, name]);
}

function endOfDirectory(fileCount: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(fileCount, 8);
  end.writeUInt16LE(fileCount, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryOffset, 16);
  return end;
}
