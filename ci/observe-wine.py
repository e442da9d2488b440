#!/usr/bin/env python3
"""ci/observe-wine.py WINE HOLD.EXE: locks of a Windows program, as the host lists them.

`hold.exe` says where it keeps what; the host's smaps says whether it is locked there. A
second run may lock next to nothing, and must be refused with the host's limit.
"""

import re
import subprocess
import sys

PAGE = 4096
WITHOUT_CAPABILITY = ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"]


def locked_ranges(pid):
    """The (start, end) of each mapping that has the flag `lo`."""
    ranges, current = [], None
    for line in open(f"/proc/{pid}/smaps"):
        if header := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
            current = tuple(int(word, 16) for word in header.groups())
        elif line.startswith("VmFlags:") and "lo" in line.split():
            ranges.append(current)
    return ranges


def locked_bytes(pid):
    line = next(line for line in open(f"/proc/{pid}/status") if line.startswith("VmLck:"))
    return int(line.split()[1]) * 1024


def is_locked(ranges, start, length):
    """Whether each page of it lies in a locked mapping."""
    pages = range(start // PAGE * PAGE, start + length, PAGE)
    return all(any(low <= page < high for low, high in ranges) for page in pages)


def read_until(program, word):
    """The lines before `word`, as (kind, start, length)."""
    lines = []
    for line in program.stdout:
        if line.strip() == word:
            return lines
        kind, start, length = line.split()
        lines.append((kind, int(start, 16), int(length)))
    sys.exit(f"the program ended before it said {word!r}")


def say(program, word):
    program.stdin.write(word + "\n")
    program.stdin.flush()


def watch(command):
    """What the host says of each kind while it is held, and after."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        held = read_until(program, "held")
        ranges, total = locked_ranges(program.pid), locked_bytes(program.pid)
        for kind, start, length in held:
            verdict = "locked" if is_locked(ranges, start, length) else "not locked"
            print(f"  {kind:<10} {length:>7} bytes  {verdict}")
            expected = "not locked" if kind == "control" else "locked"
            if verdict != expected:
                sys.exit(f"{kind}: expected {expected}")
        say(program, "drop")
        read_until(program, "dropped")
        left = locked_bytes(program.pid)
        say(program, "end")
        print(f"  VmLck {total} bytes while held, {left} after")
        if total == 0 or left != 0 or program.wait(60) != 0:
            sys.exit("expected locked memory while it is held, none after, and a good end")


def watch_refusal(command):
    """With a limit of four pages: the error that Wine makes of the host's."""
    limited = ["prlimit", "--memlock=16384:16384", *WITHOUT_CAPABILITY, *command]
    refused = subprocess.run(limited, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    print(f"  under RLIMIT_MEMLOCK 16384: {refused.stderr.strip()}")
    if refused.returncode == 0 or "could not lock memory" not in refused.stderr:
        sys.exit("expected a refused lock")
    if "(os error 5)" not in refused.stderr:
        sys.exit("expected ERROR_ACCESS_DENIED")


watch(sys.argv[1:])
watch_refusal(sys.argv[1:])
