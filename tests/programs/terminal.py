# SPDX-License-Identifier: BSD-2-Clause
"""terminal.py COLUMNS SCARD ARGUMENT...: runs scard on a terminal of so many columns, types
what the lines of standard input say after the texts that they wait for ("TEXT<tab>TYPED"; in
TYPED \\n, \\x03 and \\x04 stand for themselves), and prints all that the terminal showed."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

HANG_S = 60


def main():
    steps = [line.rstrip("\n").split("\t") for line in sys.stdin]
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
        os.execv(sys.argv[2], sys.argv[2:])
    shown, looked = b"", 0
    end = time.monotonic() + HANG_S
    while time.monotonic() < end:
        while steps and steps[0][0].encode() in shown[looked:]:
            looked = shown.index(steps[0][0].encode(), looked) + len(steps[0][0].encode())
            os.write(terminal, steps[0][1].encode().decode("unicode_escape").encode())
            steps.pop(0)
        ready, _, _ = select.select([terminal], [], [], 1)
        if not ready:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            data = b""
        if not data:
            break
        shown += data
    else:
        os.kill(child, 9)
        print("HUNG")
    _, status = os.waitpid(child, 0)
    sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
    print(f"exit status {os.waitstatus_to_exitcode(status)}")


main()
