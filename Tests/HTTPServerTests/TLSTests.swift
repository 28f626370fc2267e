import Foundation
import HTTP
import TestSupport
import Testing
import Transport

@Suite(.timeLimit(.minutes(10)))
struct TLSTests {
    @Test(arguments: ["TLSv1.2", "TLSv1.3"])
    func `requests are served, one after another`(_ version: String) async throws {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                with tls(context(arguments[0])) as stream:
                    print(stream.version(), stream.cipher()[0], call(stream, b'/a', b'one'), call(stream, b'/b'))
                """, [version])
            let cipher = version == "TLSv1.2" ? "ECDHE-ECDSA-AES128-GCM-SHA256" : "TLS_AES_128_GCM_SHA256"
            #expect(printed == "\(version) \(cipher) b'POST /a one' b'POST /b '\n")
        }
    }

    @Test(arguments: ["TLSv1.2", "TLSv1.3"])
    func `a client resumes its session, in TLS 1.3 with a new ticket each time`(_ version: String) async throws {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                made, session, tickets = context(arguments[0]), None, set()
                for _ in range(4):
                    with tls(made, session) as stream:
                        call(stream, b'/a')
                        session = stream.session
                        tickets.add(session.id)
                        print(stream.session_reused)
                print(len(tickets))
                """, [version])
            #expect(printed == "False\nTrue\nTrue\nTrue\n\(version == "TLSv1.3" ? 4 : 1)\n")
        }
    }

    @Test(arguments: [
        ("TLSv1_1", "DEFAULT:@SECLEVEL=0"), ("TLSv1", "DEFAULT:@SECLEVEL=0"),
        ("TLSv1_2", "ECDHE-ECDSA-AES128-SHA256"), ("TLSv1_2", "ECDHE-ECDSA-AES256-SHA"),
        ("TLSv1_2", "AES128-GCM-SHA256"), ("TLSv1_2", "ECDHE-ECDSA-AES128-CCM"),
        ("TLSv1_2", "aNULL:@SECLEVEL=0"),
    ])
    func `old protocols, block chaining and no forward secrecy are refused`(_ newest: String, _ ciphers: String)
        async throws
    {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                import warnings
                warnings.simplefilter('ignore')
                made = context()
                made.minimum_version = ssl.TLSVersion.TLSv1
                made.maximum_version = ssl.TLSVersion[arguments[0]]
                made.set_ciphers(arguments[1])
                print(attempt(made))
                """, [newest, ciphers])
            let alerts = ["TLSV1_ALERT_PROTOCOL_VERSION\n", "SSLV3_ALERT_HANDSHAKE_FAILURE\n"]
            #expect(alerts.contains(printed))
        }
    }

    @Test(arguments: [
        ("", "None POST /a "), ("http/1.1", "http/1.1 POST /a "), ("h2 http/1.1", "http/1.1 POST /a "),
        ("h2", "fatal alert 120"), ("http/1.0 h", "fatal alert 120"),
    ])
    func `the only application protocol is HTTP/1.1`(_ offers: String, _ expected: String) async throws {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                made = context(alpn=arguments[0].split())
                try:
                    with tls(made) as stream:
                        print(stream.selected_alpn_protocol(), call(stream, b'/a').decode())
                except ssl.SSLError as error:
                    # Python has no name for the alert.
                    client = Records(made)
                    try: client.tls.do_handshake()
                    except ssl.SSLWantReadError: client.flush()
                    record = some(client.tcp)
                    print('fatal alert' if record[0] == 0x15 and record[5] == 2 else '?', record[6])
                """, [offers])
            #expect(printed == expected + "\n")
        }
    }

    @Test func `a client that renegotiates is refused`() async throws {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                import subprocess
                client = subprocess.Popen(
                    ['openssl', 's_client', '-tls1_2', '-CAfile', ca, '-connect', f'127.0.0.1:{port}'],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                while b'Verify return code: 0' not in client.stdout.readline(): pass
                client.stdin.write(b'R\\n')
                client.stdin.flush()
                rest = client.stdout.read()
                print(b'RENEGOTIATING' in rest, b'no renegotiation' in rest)
                """)
            #expect(printed == "True True\n")
        }
    }

    @Test func `a flood of key updates ends, and the request after it is served`() async throws {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                import ctypes, ctypes.util
                lib = ctypes.CDLL(ctypes.util.find_library('ssl'))
                for name in ['TLS_client_method', 'SSL_CTX_new', 'SSL_new']:
                    getattr(lib, name).restype = ctypes.c_void_p
                made = ctypes.c_void_p(lib.SSL_CTX_new(ctypes.c_void_p(lib.TLS_client_method())))
                stream = ctypes.c_void_p(lib.SSL_new(made))
                connection = tcp()
                connection.setblocking(True)
                assert lib.SSL_set_fd(stream, connection.fileno()) == 1
                assert lib.SSL_connect(stream) == 1
                for _ in range(20000):
                    assert lib.SSL_key_update(stream, 0) == 1 and lib.SSL_do_handshake(stream) == 1
                request = b'GET /a HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'
                assert lib.SSL_write(stream, request, len(request)) == len(request)
                room = ctypes.create_string_buffer(4096)
                count = lib.SSL_read(stream, room, 4096)
                print(room.raw[:count][-8:])
                """)
            #expect(printed == "b'\\nGET /a '\n")
        }
    }

    @Test func `a client whose bytes come one at a time is served`() async throws {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                class Dripping(Records):
                    def flush(self):
                        for byte in self.outgoing.read(): self.tcp.sendall(bytes([byte]))
                client = Dripping(context())
                client.run(client.tls.do_handshake)
                client.tls.write(b'GET /a HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')
                client.flush()
                print(client.run(lambda: client.tls.read(4096))[-7:])
                """)
            #expect(printed == "b'GET /a '\n")
        }
    }

    @Test(arguments: ["TLSv1.2", "TLSv1.3"])
    func `a large answer goes through small buffers`(_ version: String) async throws {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                with tls(context(arguments[0]), receive_buffer=4096) as stream:
                    send(stream, b'/large')
                    body = receive(stream)
                    print(len(body), set(body), call(stream, b'/a'))
                """, [version])
            #expect(printed == "\(TestHandler.largeBytes) {97} b'POST /a '\n")
        }
    }

    @Test(arguments: ["TLSv1.2", "TLSv1.3"])
    func `a client that has ended its stream gets its answers, and the end of ours`(_ version: String) async throws {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                client = Records(context(arguments[0]))
                client.run(client.tls.do_handshake)
                client.tls.write(b'GET /slow HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' * 2)
                try: client.tls.unwrap()
                except ssl.SSLWantReadError: client.flush()
                client.tcp.shutdown(socket.SHUT_WR)
                data = b''
                try:
                    while True: data += client.run(lambda: client.tls.read(4096))
                except ssl.SSLZeroReturnError: print(data.count(b'GET /slow '))
                """, [version])
            #expect(printed == "2\n")
        }
    }

    @Test func `the server ends its stream before it closes`() async throws {
        try await withTLSServer { server, fixture in
            let printed = try fixture.client(
                server,
                """
                with tls(context()) as stream:
                    stream.sendall(b'GET /a HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n')
                    receive(stream)
                    print(stream.recv(100))
                """)
            // Without close_notify this client would have thrown.
            #expect(printed == "b''\n")
        }
    }

    @Test func `a request cut off by the end of TCP is no request, and between requests it does no harm`() async throws
    {
        try await withTLSServer { server, fixture in
            _ = try fixture.client(
                server,
                """
                stream = tls(context())
                call(stream, b'/a')
                stream.close()
                """)
            let harmless = try await server.events(until: .connections(open: 0, serving: 0))
            #expect(harmless.contains(.began("/a")))
            #expect(!harmless.contains(.rejected(.malformedRequest)))
            _ = try fixture.client(
                server,
                """
                stream = tls(context())
                stream.sendall(b'POST /cut HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 5\\r\\n\\r\\nhalf')
                stream.close()
                """)
            let cut = try await server.events(until: .connections(open: 0, serving: 0))
            #expect(cut.contains(.rejected(.malformedRequest)))
            #expect(!cut.contains(.began("/cut")))
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "Q"])
    func `plain HTTP is answered in the clear with 400`(_ request: String) async throws {
        try await withTLSServer { server, fixture in
            let client = try server.client()
            // libssl looks at a record's header, which has five bytes.
            try client.send(request.count < 5 ? request + "\r\n\r\n" : request)
            let response = try client.receive()
            #expect(response.status == 400)
            #expect(response["Connection"] == "close")
            #expect(response["Content-Type"] == "text/plain; charset=utf-8")
            #expect(response.text.contains("HTTPS"))
            #expect(try client.readToEnd() == [])
        }
    }

    /// Bytes, and how often they are sent.
    @Test(
        arguments: [
            ([0], 100), ([0x16, 3, 1, 0xff, 0xff, 1], 20), ([0x16, 3, 1, 0, 4, 1, 0, 0, 0], 1),
            ([0x80, 0x2e, 1, 0, 2], 20),
            ([0xff], 200_000), ([0x16, 3, 1, 0, 1, 1], 40_000), (Array("get / http/1.1\r\n\r\n".utf8), 1),
        ] as [([UInt8], Int)])
    func `garbage is not answered, and the connection ends`(_ part: [UInt8], _ times: Int) async throws {
        let garbage = [[UInt8]](repeating: part, count: times).flatMap { $0 }
        try await withTLSServer { server, fixture in
            let client = try server.client()
            try? client.send(garbage)
            client.finishSending()
            // An alert at most.
            #expect(try client.readToEnd().count <= 7)
            try await server.events(until: .connections(open: 0, serving: 0))
            #expect(try fixture.client(server, "print(attempt(context()))") == "POST /a \n")
        }
    }

    @Test(arguments: [[], [0x16], [0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3]] as [[UInt8]])
    func `a handshake that stalls is cut off`(_ part: [UInt8]) async throws {
        var limits = Limits()
        limits.handshakeTimeout = .milliseconds(30)
        try await withTLSServer(limits) { server, _ in
            let client = try server.client()
            try client.send(part)
            #expect(try client.readToEnd() == [])
            try await server.events(until: .connections(open: 0, serving: 0))
        }
    }

    @Test func `a drain closes idle connections with a word`() async throws {
        try await withTLSServer { server, fixture in
            let printed = Task {
                try await blocking {
                    try fixture.client(
                        server,
                        """
                        with tls(context()) as stream:
                            call(stream, b'/a')
                            print(stream.recv(100))
                        """)
                }
            }
            try await server.events(until: .ended("/a"))
            await server.close()
            try await server.events(until: .drained)
            #expect(try await printed.value == "b''\n")
        }
    }
}
