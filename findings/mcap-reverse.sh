#!/usr/bin/env bash
# mcap 1.6.0 (Python): reverse=True is ignored for a file without chunks, so that the latest message is the first one.
#
# Guess:     iter_messages(reverse=True) gives the messages from the last to the first, whatever way the file was written;
#            where a reader cannot do that it says so. next(iter_messages(reverse=True)) is the usual way to the latest.
# Behaviour: a file of Writer(use_chunking=False) has no index, and the seeking reader, which make_reader() gives for every
#            file on a disk, hands it on to another one without telling the direction. The order is that of the times,
#            upwards. The other reader itself, asked for the reverse, turns the times but not messages of one time.
# Seen:      depth at 10, 20, 20, 30 ms, numbered 0 to 3
#            with chunks                    reversed 3 2 1 0
#            without                        reversed 0 1 2 3
#            without, NonSeekingReader      reversed 3 1 2 0
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet mcap==1.6.0
venv/bin/python - <<'PYTHON'
from mcap.reader import NonSeekingReader, make_reader
from mcap.writer import Writer

TIMES = [10, 20, 20, 30]


def write(path, chunks):
    with open(path, "wb") as file:
        writer = Writer(file, use_chunking=chunks)
        writer.start()
        schema = writer.register_schema("depth", "jsonschema", b"{}")
        channel = writer.register_channel("/depth", "json", schema)
        for number, milliseconds in enumerate(TIMES):
            at = milliseconds * 1_000_000
            writer.add_message(channel, at, b"%d" % number, at)
        writer.finish()


def numbers(path, reader, reverse):
    with open(path, "rb") as file:
        return [int(message.data) for _, _, message in reader(file).iter_messages(reverse=reverse)]


write("chunks.mcap", True)
write("plain.mcap", False)
for path, reader, expected in (
    ("chunks.mcap", make_reader, [3, 2, 1, 0]),
    ("plain.mcap", make_reader, [0, 1, 2, 3]),
    ("plain.mcap", NonSeekingReader, [3, 1, 2, 0]),
):
    found = numbers(path, reader, True)
    print(f"{path}, {reader.__name__}: forwards {numbers(path, reader, False)}, reversed {found}")
    assert numbers(path, reader, False) == [0, 1, 2, 3]
    assert found == expected
PYTHON
