"""A program on a terminal of its own, as a person would have it: keys go in, what is shown comes out."""
import os
import pty
import select
import time


class Terminal:
    def __init__(self, argv, *, env, cwd):
        self.shown, self.code = "", None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(str(argv[0]), [str(a) for a in argv], env)

    def keys(self, text):
        os.write(self.fd, text.encode())

    def wait(self, text, deadline=30.0):
        """Until `text` was shown."""
        end = time.monotonic() + deadline
        while text not in self.shown:
            assert time.monotonic() < end and self._more(end), f"{text!r} was not shown, but:\n{self.shown}"

    def end(self, deadline=60.0):
        """Until the program ended; its exit code."""
        end = time.monotonic() + deadline
        while self._more(end):
            assert time.monotonic() < end, f"it did not end:\n{self.shown}"
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self.fd)
        return self.code

    def _more(self, end):
        if not select.select([self.fd], [], [], max(0.0, end - time.monotonic()))[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other side is closed
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)
