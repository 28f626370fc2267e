"""A stand-in for a service over TLS, and a proxy before it that makes tunnels.

Arguments: the server's certificate, its key. The first line on standard output has the two ports. The answer to a
request says which connection it came over, counted from 1 on, and whether that resumed a TLS session; the request's
body may ask for something else.
"""

import base64
import socket
import ssl
import sys
import threading


def received_until(stream, end, received=b""):
    while end not in received:
        piece = stream.recv(65536)
        if not piece:
            return None, b""
        received += piece
    head, _, rest = received.partition(end)
    return head, rest


def answer(text, status="200 OK"):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


def serve(number, stream):
    rest = b""
    count = 0
    while True:
        head, rest = received_until(stream, b"\r\n\r\n", rest)
        if head is None:
            return
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(rest) < length:
            rest += stream.recv(65536)
        body, rest = rest[:length].decode(), rest[length:]
        count += 1
        usual = answer(f"{number} {'resumed' if stream.session_reused else 'new'}")
        if body == "in pieces":
            for byte in usual:
                stream.send(bytes([byte]))
        elif body == "large":
            stream.sendall(answer("x" * 65536))
        elif body == "swallowed" and count > 1:
            return
        elif body == "more than asked for":
            # Two records that arrive at once.
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            stream.sendall(usual)
            stream.sendall(answer("unasked", "500 Unasked"))
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        elif body == "up to the close":
            stream.sendall(b"HTTP/1.1 200 OK\r\n\r\nto the end")
            stream.unwrap().close()
            return
        elif body == "cut off":
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut")
            return
        else:
            stream.sendall(usual)
        if body == "a goodbye":
            # TLS's own; the connection below stays open until the client has said its own.
            stream.unwrap()
            return


def connection(number, context, plain):
    try:
        with context.wrap_socket(plain, server_side=True) as stream:
            serve(number, stream)
    except OSError:
        pass


def pump(source, sink):
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def tunnel(client):
    head, rest = received_until(client, b"\r\n\r\n")
    method, target = head.decode().split(" ")[:2]
    word = [line[21:] for line in head.decode().split("\r\n") if line.startswith("Proxy-Authorization: ")]
    who = base64.b64decode(word[0].removeprefix("Basic ")).decode() if word else "nobody"
    print(method, target.rpartition(":")[0], who, flush=True)
    server = socket.create_connection(("127.0.0.1", int(target.rpartition(":")[2])))
    client.sendall(b"HTTP/1.1 200 Tunnel\r\n\r\n")
    server.sendall(rest)
    threading.Thread(target=pump, args=(server, client), daemon=True).start()
    pump(client, server)


def accept(listener, serve):
    number = 0
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number += 1
        threading.Thread(target=serve, args=(number, client), daemon=True).start()


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*[listener.getsockname()[1] for listener in listeners], flush=True)
threading.Thread(target=accept, args=(listeners[1], lambda _, client: tunnel(client)), daemon=True).start()
accept(listeners[0], lambda number, client: connection(number, context, client))
