import Foundation
import HTTP
import TestSupport
import Transport

/// What the tests of TLS have in common: an authority, a server's certificate, clients in Python.
struct TLSFixture: Sendable {
    static let shared = Result { try TLSFixture() }

    let authority: CertificateAuthority
    let server: CertificateAuthority.Pair

    private init() throws {
        authority = try CertificateAuthority()
        server = try authority.issue("/CN=server")
    }

    func context(clients: TLSConfiguration.ClientAuthentication? = nil) throws -> TLSContext {
        try Self.context(server, clients: clients)
    }

    static func context(
        _ pair: CertificateAuthority.Pair, clients: TLSConfiguration.ClientAuthentication? = nil
    ) throws -> TLSContext {
        try TLSContext(
            TLSConfiguration(
                certificateChain: bytes(pair.certificate), privateKey: bytes(pair.key), clientAuthentication: clients),
            ticketKeys: TicketKeys())
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Runs a client.
    /// - Returns: what it printed.
    func client(_ server: ServerUnderTest, _ program: String, _ arguments: [String] = []) throws -> String {
        try Python.run(
            Self.prelude + program, ["\(server.port)", authority.authority.certificate] + arguments)
    }

    private static let prelude = """
        import socket, ssl, struct, sys
        port, ca = int(sys.argv[1]), sys.argv[2]
        arguments = sys.argv[3:]
        versions = {'TLSv1.2': ssl.TLSVersion.TLSv1_2, 'TLSv1.3': ssl.TLSVersion.TLSv1_3}

        def context(version=None, alpn=None, certificate=None):
            made = ssl.create_default_context(cafile=ca)
            if version: made.minimum_version = made.maximum_version = versions[version]
            if alpn: made.set_alpn_protocols(alpn)
            if certificate: made.load_cert_chain(*certificate)
            return made

        def tcp(receive_buffer=None):
            made = socket.socket()
            made.settimeout(300)
            if receive_buffer: made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            made.connect(('127.0.0.1', port))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made

        def tls(context, session=None, **options):
            return context.wrap_socket(tcp(**options), server_hostname='localhost', session=session,
                suppress_ragged_eofs=False)

        def send(stream, path, body=b''):
            head = b'POST %s HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: %d\\r\\n\\r\\n' % (path, len(body))
            stream.sendall(head + body)

        def receive(stream):
            data = b''
            while b'\\r\\n\\r\\n' not in data: data += some(stream)
            head, body = data.split(b'\\r\\n\\r\\n', 1)
            length = int(head.lower().split(b'content-length: ')[1].split(b'\\r\\n')[0])
            while len(body) < length: body += some(stream)
            assert len(body) == length
            return body

        def some(stream):
            data = stream.recv(65536)
            assert data, 'closed'
            return data

        def call(stream, path, body=b''):
            send(stream, path, body)
            return receive(stream)

        def attempt(context, path=b'/a', **options):
            'What becomes of one call.'
            try:
                with tls(context, **options) as stream: return call(stream, path).decode()
            except ssl.SSLError as error: return error.reason

        class Records:
            'A client whose bytes pass through our hands.'
            def __init__(self, context):
                self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
                self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname='localhost')
                self.tcp = tcp()

            def run(self, step):
                while True:
                    try: return step()
                    except ssl.SSLWantReadError:
                        self.flush()
                        self.incoming.write(some(self.tcp))

            def flush(self):
                # Nothing at all is too much for a stream that has ended.
                if data := self.outgoing.read(): self.tcp.sendall(data)


        """
}

func withTLSServer(
    _ limits: Limits = Limits(), context: TLSContext? = nil,
    _ body: (ServerUnderTest, TLSFixture) async throws -> Void
) async throws {
    let fixture = try TLSFixture.shared.get()
    let context = try context ?? fixture.context()
    try await withServer(limits, tls: context) { try await body($0, fixture) }
}
