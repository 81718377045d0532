"""Runs a command in which the kernel refuses some calls with EPERM, as sandboxes do.

    python3 refuse.py CALL[,CALL…] COMMAND [ARGUMENT…]

A CALL is the name of a system call, refused always, or NAME:ADVICE:LEAST:MOST, refused when its
third argument is ADVICE and its second one, a length, lies between LEAST and MOST. Exits with 77
where the machine has no seccomp filters or the architecture is unknown.
"""

import ctypes
import os
import platform
import struct
import sys

NUMBERS = {
    "x86_64": {
        "mmap": 9,
        "mincore": 27,
        "madvise": 28,
        "prctl": 157,
        "sched_setaffinity": 203,
        "sched_getaffinity": 204,
        "mbind": 237,
        "move_pages": 279,
    },
    "aarch64": {
        "sched_setaffinity": 122,
        "sched_getaffinity": 123,
        "prctl": 167,
        "mmap": 222,
        "mincore": 232,
        "madvise": 233,
        "mbind": 235,
        "move_pages": 239,
    },
}
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# From <linux/filter.h>, <linux/seccomp.h> and <linux/prctl.h>.
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE_WITH_EPERM = 0x7FFF0000, 0x00050001
NUMBER, ARCHITECTURE, SECOND_ARGUMENT, THIRD_ARGUMENT = 0, 4, 24, 32
SET_NO_NEW_PRIVS, SET_SECCOMP, FILTER_MODE = 38, 22, 2
UNSUPPORTED = 77


def refusal(call, numbers):
    """Instructions that refuse one call and go on after the last of them with all others."""
    name, _, arguments = call.partition(":")
    # What to look at, how to compare, with what, and whether that has to be true.
    conditions = [(NUMBER, JUMP_IF_EQUAL, numbers[name], True)]
    if arguments:
        advice, least, most = map(int, arguments.split(":"))
        conditions.append((THIRD_ARGUMENT, JUMP_IF_EQUAL, advice, True))
        conditions.append((SECOND_ARGUMENT, JUMP_IF_AT_LEAST, least, True))
        conditions.append((SECOND_ARGUMENT, JUMP_IF_AT_LEAST, most + 1, False))
    lines = []
    for i, (operand, jump, value, wanted) in enumerate(conditions):
        to_the_end = 2 * (len(conditions) - i) - 1
        targets = (0, to_the_end) if wanted else (to_the_end, 0)
        lines += [(LOAD, 0, 0, operand), (jump, *targets, value)]
    return lines + [(RETURN, 0, 0, REFUSE_WITH_EPERM)]


def program(calls, machine):
    """BPF instructions: code, jump if true, jump if false, operand."""
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, ALLOW),
    ]
    for call in calls:
        lines += refusal(call, NUMBERS[machine])
    return lines + [(RETURN, 0, 0, ALLOW)]


def install(lines):
    libc = ctypes.CDLL(None)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    header = struct.pack("HP", len(lines), ctypes.addressof(code))
    unused = [ctypes.c_ulong(0)] * 3
    return (
        libc.prctl(SET_NO_NEW_PRIVS, ctypes.c_ulong(1), *unused) == 0
        and libc.prctl(SET_SECCOMP, ctypes.c_ulong(FILTER_MODE), header) == 0
    )


def main():
    calls, command = sys.argv[1].split(","), sys.argv[2:]
    machine = platform.machine()
    if machine not in NUMBERS or not install(program(calls, machine)):
        sys.exit(UNSUPPORTED)
    os.execvp(command[0], command)


main()
