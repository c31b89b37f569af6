#!/usr/bin/env bash
# exifr 7.1.3 and exifreader 4.46.0 (npm): the depth in a phone's JPEG is cut short or missing if its parts lie in another order.
#
# Guess:     depth that Google's cameras keep in a JPEG (GDepth:Data) is longer than a segment may be, so that it lies in several
#            parts of Extended XMP, each with its offset and the number (GUID) of the whole. Adobe's specification of XMP
#            (part 3) has readers tolerate any order, and pass over parts with another number, which editors leave
#            behind. Both packages read Extended XMP: they give the depth whole, or none and an error.
# Behaviour: exifr puts the parts in the order in which they lie, whatever their offsets say. If the first lies second, what it gives
#            is two thirds of the depth, from an offset on other bytes; with the last one first there is none. exifreader has
#            the depth only where all parts follow the main XMP in order and nothing with another number lies between.
#            Nothing is said. ExifTool (exiftool-vendored 35.21.0) reads it whole in each order.
# Seen:      depth of 200,000 characters in four parts       exifr       exifreader   ExifTool
#            in order, behind the main XMP                   whole       whole        whole
#            second, first, third, fourth                    134,600     none         whole
#            fourth, third, second, first                    none        none         whole
#            in order, before the main XMP                   whole       none         whole
#            in order, behind a part with another number     whole       none         whole
#
# It matters since a page that measures in such a photo decodes what it gets: a picture that is cut off, or no depth.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm, Perl and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund exifr@7.1.3 exifreader@4.46.0 exiftool-vendored@35.21.0
"${PYTHON:-python3}" - <<'PYTHON'
import base64
import hashlib
import random
import struct

DEPTH = base64.b64encode(random.Random(0).randbytes(150_000)).decode()
HEAD = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
GDEPTH = ' xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/"'
TAIL = "/></rdf:RDF></x:xmpmeta>"
# 8 x 8 pixels of grey: the smallest JPEG that a decoder takes.
SHORTEST = bytes.fromhex(
    "ffd8ffdb004300" + "01" * 64 + "ffc0000b080008000801011100ffc40014000100000000000000000000000000000000"
    "ffc40014100100000000000000000000000000000000ffda0008010100003f003fffd9"
)


def segment(body):
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def part(number, whole, offset, length=65_400):
    place = struct.pack(">II", len(whole), offset)
    return segment(b"http://ns.adobe.com/xmp/extension/\0" + number.encode() + place + whole[offset : offset + length])


extended = f'{HEAD}{GDEPTH} GDepth:Data="{DEPTH}"{TAIL}'.encode()
number = hashlib.md5(extended).hexdigest().upper()
note = f' xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{number}"'
main = f'{HEAD}{GDEPTH} GDepth:Format="RangeInverse" GDepth:Near="0.5" GDepth:Far="10" GDepth:Mime="image/png"{note}{TAIL}'
packet = f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{main}<?xpacket end="w"?>'
standard = segment(b"http://ns.adobe.com/xap/1.0/\0" + packet.encode())
first, second, third, fourth = (part(number, extended, offset) for offset in range(0, len(extended), 65_400))
stale = part("0" * 32, b"<x:xmpmeta/>", 0)
for name, segments in {
    "in order": [standard, first, second, third, fourth],
    "second first": [standard, second, first, third, fourth],
    "reversed": [standard, fourth, third, second, first],
    "before": [first, second, third, fourth, standard],
    "behind another": [standard, stale, first, second, third, fourth],
}.items():
    with open(f"{name}.jpg", "wb") as file:
        file.write(SHORTEST[:2] + b"".join(segments) + SHORTEST[2:])
with open("depth.txt", "w") as file:
    file.write(DEPTH)
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import exifr from 'exifr';
import ExifReader from 'exifreader';
import { exiftool } from 'exiftool-vendored';

const DEPTH = readFileSync('depth.txt', 'utf8');
const WANTED = {
  'in order': ['whole', 'whole'],
  'second first': [134600, 'none'],
  reversed: ['none', 'none'],
  before: ['whole', 'none'],
  'behind another': ['whole', 'none'],
};

function kept(depth) {
  if (depth === undefined) return 'none';
  return depth === DEPTH ? 'whole' : depth.length;
}

for (const [name, wanted] of Object.entries(WANTED)) {
  const file = readFileSync(`${name}.jpg`);
  const byExifr = await exifr.parse(file, { xmp: true, multiSegment: true, mergeOutput: false });
  assert.equal(byExifr.GDepth.Far, 10);
  const { xmp } = ExifReader.load(file.buffer.slice(file.byteOffset, file.byteOffset + file.length), { expanded: true });
  assert.equal(xmp.Far.value, '10');
  const found = [kept(byExifr.GDepth.Data), kept(xmp.Data?.value)];
  const { DepthImage } = await exiftool.readRaw(`${name}.jpg`, ['-b', '-json', '-XMP-GDepth:all']);
  console.log(`${name}: exifr ${found[0]}, exifreader ${found[1]}, ExifTool ${kept(DepthImage.replace(/^base64:/, ''))}`);
  assert.deepEqual(found, wanted);
  assert.equal(DepthImage, `base64:${DEPTH}`);
}
await exiftool.end();
JAVASCRIPT
node read.mjs
