"""A machine whose calls fail on demand: rules for the library that failing.c makes.

    machine = Machine(folder)
    home = weirlocal.Home(env=machine.env)
    machine.fail("write", errno.ENOSPC, text="/tmp/content")    # from now on, in every program with that environment
    machine.hits()                                              # ["write .../tmp/content.ab12cd"]
    machine.heal()
"""
import errno
import os
import pathlib
import re
import subprocess


def sanitizer():
    """The library that a build with AddressSanitizer must have first: its calls then go through ours."""
    linked = subprocess.run(["ldd", os.environ["WEIR"]], capture_output=True, text=True, check=True).stdout
    return re.findall(r"=> (\S*/libasan\.so\S*)", linked)


class Machine:
    def __init__(self, folder):
        self.rules = pathlib.Path(folder) / "failing"
        self.env = {"LD_PRELOAD": ":".join([*sanitizer(), os.environ["WEIR_FAILING_LIB"]]),
                    "WEIR_FAILING": str(self.rules)}

    def fail(self, call, action, nth=1, count=0, text=""):
        """action: an errno, "short", or of "clock" milliseconds."""
        self.heal()
        new = self.rules.with_suffix(".new")
        new.write_text(f"{call} {action} {nth} {count} {text}\n")
        new.replace(self.rules)

    def heal(self):
        self.rules.unlink(missing_ok=True)
        self.rules.with_name("failing.log").unlink(missing_ok=True)

    def hits(self):
        log = self.rules.with_name("failing.log")
        return log.read_text().splitlines() if log.exists() else []


def name(action):
    return errno.errorcode.get(action, str(action))
