import Foundation
import TestSupport
import Testing

/// The running service with a certificate.
@Suite(.timeLimit(.minutes(10)))
struct TLSServiceTests {
    private struct Files {
        let authority: CertificateAuthority
        let directory: TemporaryDirectory

        var certificate: String { directory.file("tls.crt") }
        var key: String { directory.file("tls.key") }

        init() throws {
            authority = try CertificateAuthority()
            directory = try TemporaryDirectory()
            try put("first", "tls")
        }

        /// Issues a certificate and puts it where the service looks, or beside it.
        func put(_ name: String, _ place: String) throws {
            let pair = try authority.issue("/CN=\(name)")
            for (path, suffix) in [(pair.certificate, "crt"), (pair.key, "key")] {
                try directory.write(String(contentsOfFile: path, encoding: .utf8), to: "\(place).\(suffix)")
            }
        }

        func environment(_ change: [String: String] = [:]) -> [String: String] {
            ["HEARTBEAT_TLS_CERTIFICATE": certificate, "HEARTBEAT_TLS_PRIVATE_KEY": key]
                .merging(change) { _, new in new }
        }
    }

    /// - Returns: what the program printed.
    private func client(_ service: Service, _ files: Files, _ program: String) throws -> String {
        try Python.run(
            """
            import http.client, os, select, shutil, signal, ssl, sys, time
            port, ca, directory, pid, key = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
            trusting = ssl.create_default_context(cafile=ca)

            def connect(context=trusting):
                made = http.client.HTTPSConnection('localhost', port, context=context, timeout=300)
                made.connect()
                return made

            def name(connection):
                return connection.sock.getpeercert()['subject'][0][0][1]

            def beat(connection):
                connection.request('POST', '/tasks/b2s=/heartbeat', headers={'Authorization': 'Bearer ' + key})
                answer = connection.getresponse()
                return f'{answer.status} {answer.read().decode()}'

            def wait(wanted):
                'Connects until the certificate is the one wanted.'
                last = time.monotonic() + 60
                while name(connect()) != wanted and time.monotonic() < last: select.select([], [], [], 0.05)
                return name(connect())

            def replace(source):
                for suffix in ['key', 'crt']:
                    shutil.copy(f'{directory}/{source}.{suffix}', f'{directory}/new.{suffix}')
                    os.rename(f'{directory}/new.{suffix}', f'{directory}/tls.{suffix}')


            """ + program,
            [
                "\(service.process.port)", files.authority.authority.certificate, files.directory.path,
                "\(service.process.child.pid)", Service.key,
            ])
    }

    @Test func `heartbeats over TLS, resumed on any loop`() throws {
        let files = try Files()
        let service = try Service(files.environment())
        let printed = try client(
            service, files,
            """
            print(beat(connect()))
            import socket
            for version in [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]:
                context = ssl.create_default_context(cafile=ca)
                context.maximum_version = version
                session, reused = None, 0
                for _ in range(12):
                    stream = context.wrap_socket(
                        socket.create_connection(('127.0.0.1', port)), server_hostname='localhost', session=session)
                    stream.sendall(b'GET /openapi.json HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n')
                    while stream.recv(65536): pass
                    session = stream.session
                    reused += stream.session_reused
                    stream.close()
                print(reused)
            """)
        #expect(printed == "200 {\"cancelRequested\":false}\n11\n11\n")
        #expect(try service.process.operations("/livez").status == 200)
        let metrics = try service.process.operations("/metrics").text
        let left = metrics.firstMatch(of: /\nheartbeat_tls_certificate_expiry_seconds ([0-9.]+)\n/)?.output.1
        // The certificate was made for 30 days.
        #expect(left.flatMap { Double($0) }.map { (29 * 86_400...30 * 86_400).contains($0) } == true)
        #expect(try service.process.client().get("/openapi.json").status == 400)
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test(arguments: ["SIGHUP", "change"])
    func `a new certificate is used from the next connection on`(_ occasion: String) throws {
        let files = try Files()
        try files.put("second", "second")
        let service = try Service(files.environment())
        let printed = try client(
            service, files,
            """
            old = connect()
            print(name(old), beat(old))
            replace('second')
            \(occasion == "SIGHUP" ? "os.kill(pid, signal.SIGHUP)" : "")
            print(wait('second'))
            print(name(old), beat(old), beat(connect()))
            """)
        let answer = "200 {\"cancelRequested\":false}"
        #expect(printed == "first \(answer)\nsecond\nfirst \(answer) \(answer)\n")
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `a bad new certificate is logged, and the old one stays`() throws {
        let files = try Files()
        let service = try Service(files.environment())
        try files.put("other", "other")
        // The key of another.
        try FileManager.default.removeItem(atPath: files.key)
        try FileManager.default.copyItem(atPath: files.directory.file("other.key"), toPath: files.key)
        service.process.child.signal(SIGHUP)
        let line = try service.process.child.waitForLine(on: .standardOutput) { $0.contains("stays as it was") }
        #expect(line.contains("HEARTBEAT_TLS_PRIVATE_KEY: \(files.key): not the certificate's private key"))
        #expect(try client(service, files, "print(name(connect()))") == "first\n")
        try FileManager.default.removeItem(atPath: files.certificate)
        service.process.child.signal(SIGHUP)
        try service.process.child.waitForLine(on: .standardOutput) { $0.contains("No such file") }
        #expect(try client(service, files, "print(name(connect()), beat(connect()))").hasPrefix("first 200 "))
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `SIGHUP without a certificate does nothing`() throws {
        let service = try Service()
        service.process.child.signal(SIGHUP)
        try service.process.child.waitForLine(on: .standardOutput) { $0.contains("hangup") }
        #expect(try service.heartbeat(base64("ok")).status == 200)
        let metrics = try service.process.operations("/metrics").text
        #expect(!metrics.contains("\nheartbeat_tls_certificate_expiry_seconds "))
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `a certificate that is not the key's is bad configuration`() throws {
        let files = try Files()
        try files.put("other", "other")
        let environment = ConfigurationRow.good.merging(
            files.environment(["HEARTBEAT_TLS_PRIVATE_KEY": files.directory.file("other.key")])
        ) { _, new in new }
        for command in ["check", "serve"] {
            let output = try runFacade([command], environment: environment)
            #expect(output.exit == .exited(78))
            let text = output.standardOutput + output.standardError
            #expect(text.contains("not the certificate's private key: key values mismatch"), "\(text)")
        }
    }

    @Test func `with client certificates required nobody else comes in, the health check apart`() throws {
        let files = try Files()
        let worker = try files.authority.issue("/CN=worker")
        let service = try Service(
            files.environment([
                "HEARTBEAT_TLS_CLIENT_CA": files.authority.authority.certificate,
                "HEARTBEAT_TLS_CLIENT_AUTHENTICATION": "required",
                "HEARTBEAT_TLS_CLIENT_CRL": try files.authority.revocationList(),
            ]))
        let printed = try client(
            service, files,
            """
            try: print(beat(connect()))
            except ssl.SSLError as error: print(error.reason)
            trusting.load_cert_chain('\(worker.certificate)', '\(worker.key)')
            print(beat(connect()))
            """)
        #expect(printed == "TLSV13_ALERT_CERTIFICATE_REQUIRED\n200 {\"cancelRequested\":false}\n")
        let environment = ["HEARTBEAT_OPERATIONS_LISTEN": "127.0.0.1:\(service.process.operationsPort)"]
        #expect(try runFacade(["healthcheck"], environment: environment).exit == .exited(0))
    }
}
