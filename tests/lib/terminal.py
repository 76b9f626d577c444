"""A program on a terminal of its own.

    status, text = terminal.run([os.environ["WEIR"], "apply"], env, 72, answer=b"yes\\n")
"""
import fcntl
import os
import pty
import select
import struct
import termios
import time

END_SECONDS = 120


def run(argv, env, columns, answer=None, meanwhile=lambda: None, say=()):
    """What it writes to a terminal of so many columns, which types the answer when it is asked, and `meanwhile` was
    done. say: pairs, each of a text and what is typed once it was written, in order."""
    pid, ours = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.execve(argv[0], [str(a) for a in argv], env)
    text, deadline = b"", time.monotonic() + END_SECONDS
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        while select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            try:
                text += terminal.read(65536)
            except OSError:  # EIO: it has ended
                break
            while say and say[0][0].encode() in text:
                terminal.write(say[0][1])
                say = say[1:]
            if answer is not None and text.endswith(b"yes: "):
                meanwhile()
                terminal.write(answer)
                answer = None
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text.decode().replace("\r\n", "\n")
