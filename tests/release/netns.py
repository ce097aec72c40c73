"""A port of this machine, also in a network namespace that has no way out: what connects there reaches the port here."""
import contextlib
import ctypes
import os
import socket
import threading

CLONE_NEWNET = 0x40000000


def listen_there(pid, port):
    """A socket that listens on 127.0.0.1:port in the network namespace of the process: a thread goes there to make it, and ends."""
    made = []

    def go():
        with open(f"/proc/{pid}/ns/net") as there:
            if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), CLONE_NEWNET) != 0:
                made.append(OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno())))
                return
        made.append(socket.create_server(("127.0.0.1", port)))

    thread = threading.Thread(target=go)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    return made[0]


def pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def lent_port(pid, port):
    """127.0.0.1:port of the namespace is that of ours. Yields how many connections came, as a list that grows."""
    server, came = listen_there(pid, port), []

    def accept():
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                came.append(client)
                there = socket.create_connection(("127.0.0.1", port))
                for pair in ((client, there), (there, client)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield came
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for client in came:
            client.close()
