import fs from 'node:fs';

const ELF = '\x7fELF';
// Of a header: its length, whether numbers are of 64 bits, and the table that linkers put at the end.
const HEADER_BYTES = 64;
const CLASS = 4;
const CLASS_64 = 2;
const ORDER = 5;
const LITTLE_ENDIAN = 1;
const SECTIONS_OFFSET = 0x28;
const SECTION_BYTES = 0x3a;
const SECTION_COUNT = 0x3c;

/**
 * Whether a shared library of Linux is shorter than it says itself, as a download or a compilation
 * leaves it that was interrupted. The system's loader does not check: it ends the process with SIGBUS.
 * What is no such library, or cannot be read, is not cut short.
 */
export function isCutShort(file: string): boolean {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, 'r');
  } catch {
    return false;
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const length = fs.readSync(descriptor, header, 0, HEADER_BYTES, 0);
    if (header.toString('latin1', 0, ELF.length) !== ELF) return false;
    return length < HEADER_BYTES || fs.fstatSync(descriptor).size < bytesOfLibrary(header);
  } finally {
    fs.closeSync(descriptor);
  }
}

function bytesOfLibrary(header: Buffer): number {
  // The loader refuses these by itself.
  if (header[CLASS] !== CLASS_64) return 0;
  const { byteOffset, byteLength, buffer } = header;
  const view = new DataView(buffer, byteOffset, byteLength);
  const little = header[ORDER] === LITTLE_ENDIAN;
  const tableBytes = view.getUint16(SECTION_BYTES, little) * view.getUint16(SECTION_COUNT, little);
  return Number(view.getBigUint64(SECTIONS_OFFSET, little)) + tableBytes;
}
