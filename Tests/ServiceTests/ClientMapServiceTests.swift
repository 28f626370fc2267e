import Foundation
import TestSupport
import Testing

/// The running service, and callers whom it knows by their certificates.
@Suite(.timeLimit(.minutes(10)))
struct ClientMapServiceTests {
    private struct Files {
        let authority: CertificateAuthority
        let directory: TemporaryDirectory
        let environment: [String: String]

        init(map: String) throws {
            authority = try CertificateAuthority()
            directory = try TemporaryDirectory()
            let server = try authority.issue("/CN=server")
            environment = [
                "HEARTBEAT_TLS_CERTIFICATE": server.certificate, "HEARTBEAT_TLS_PRIVATE_KEY": server.key,
                "HEARTBEAT_TLS_CLIENT_CA": authority.authority.certificate,
                "HEARTBEAT_TLS_CLIENT_MAP": try directory.write(map, to: "callers"),
            ]
        }
    }

    /// - Parameter program: has `beat`, of which each prints a line.
    private func client(_ service: Service, _ files: Files, _ program: String) throws -> [String] {
        let printed = try Python.run(
            """
            import http.client, json, os, select, signal, ssl, sys, time
            port, ca, pid, key = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]

            def connect(pair=None):
                context = ssl.create_default_context(cafile=ca)
                if pair: context.load_cert_chain(*pair)
                return http.client.HTTPSConnection('localhost', port, context=context, timeout=300)

            def beat(made, id, authorization=None):
                headers = {'X-Request-Id': id}
                if authorization: headers['Authorization'] = authorization
                made.request('POST', '/tasks/b2s=/heartbeat', headers=headers)
                answer = made.getresponse()
                text = json.loads(answer.read())
                return f"{answer.status} {text.get('code', '')} {answer.headers.get('WWW-Authenticate', '')}".strip()


            """ + program,
            [
                "\(service.process.port)", files.authority.authority.certificate, "\(service.process.child.pid)",
                Service.key,
            ])
        return printed.split(separator: "\n").map(String.init)
    }

    @Test func `callers by subject, DNS name and URI, and those whom nobody knows`() throws {
        let files = try Files(
            map: #"""
                # callers
                subject:CN=worker\,\207,O=Acme by-subject
                dns:worker.example.com by-dns heartbeat,audit
                uri:spiffe://cluster/ns/x/sa/y by-uri
                dns:reader.example.com reader audit
                """#)
        let pairs = try [
            ("subject", "/O=Acme/CN=worker, 7", "DNS:a"), ("dns", "/CN=a", "DNS:b,DNS:Worker.example.com"),
            ("uri", "/CN=a", "URI:spiffe://cluster/ns/x/sa/y"), ("reader", "/CN=a", "DNS:reader.example.com"),
            ("unmapped", "/CN=by-dns", "DNS:by-dns,URI:spiffe://cluster/ns/x/sa/z"),
        ].map { name, subject, names in (name, try files.authority.issue(subject, names: names)) }
        let service = try Service(files.environment)
        let table = pairs.map { "'\($0)': ('\($1.certificate)', '\($1.key)')" }.joined(separator: ", ")
        let printed = try client(
            service, files,
            """
            pairs = {\(table)}
            for name in ['subject', 'dns', 'uri', 'reader', 'unmapped']:
                made = connect(pairs[name])
                print(name, beat(made, name), '/', beat(made, name + '-again'))
            print('none', beat(connect(), 'none'))
            made = connect(pairs['dns'])
            print('key', beat(made, 'key', 'Bearer ' + key))
            print('bad', beat(made, 'bad', 'Bearer ' + key + 'x'))
            print('basic', beat(made, 'basic', 'Basic eDp5'))
            print('after', beat(made, 'after'))
            """)
        let refused = #"401 unauthenticated Bearer realm="heartbeat-facade""#
        #expect(
            printed == [
                "subject 200 / 200", "dns 200 / 200", "uri 200 / 200", "reader 403 forbidden / 403 forbidden",
                "unmapped \(refused) / \(refused)", "none \(refused)", "key 200",
                "bad \(refused), error=\"invalid_token\"", "basic \(refused)", "after 200",
            ])
        let null = PrivatePostgreSQL.null
        for (id, caller, authentication, outcome) in [
            ("subject", "by-subject", "mtls", "recorded"), ("dns-again", "by-dns", "mtls", "recorded"),
            ("uri", "by-uri", "mtls", "recorded"), ("reader", "reader", "mtls", "forbidden"),
            ("unmapped", null, null, "unauthenticated"), ("none", null, null, "unauthenticated"),
            ("key", "demo", "api_key", "recorded"), ("bad", null, null, "unauthenticated"),
        ] {
            #expect(
                try service.row(id, "caller, authentication, outcome") == [caller, authentication, outcome], "\(id)")
        }
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test(arguments: ["SIGHUP", "change"])
    func `a new map counts for open connections too, and a bad one leaves the old one in use`(_ occasion: String)
        throws
    {
        let files = try Files(map: "subject:CN=a first\n")
        let pair = try files.authority.issue("/CN=a")
        let service = try Service(files.environment)
        let file = files.directory.file("callers")
        let printed = try client(
            service, files,
            """
            def replace(text):
                with open('\(file).new', 'w') as new: new.write(text)
                os.rename('\(file).new', '\(file)')
                \(occasion == "SIGHUP" ? "os.kill(pid, signal.SIGHUP)" : "")

            def wait(status):
                last = time.monotonic() + 60
                while not beat(made, 'waiting').startswith(status) and time.monotonic() < last:
                    select.select([], [], [], 0.05)

            made = connect(('\(pair.certificate)', '\(pair.key)'))
            print(beat(made, 'one'))
            replace('subject:CN=b first\\n')
            wait('401')
            print(beat(made, 'two')[:3])
            replace('subject:CN=a second\\n')
            wait('200')
            print(beat(made, 'three'))
            """)
        #expect(printed == ["200", "401", "200"])
        #expect(try service.row("one", "caller") == ["first"])
        #expect(try service.row("three", "caller") == ["second"])
        try files.directory.write("subject:CN=a\n", to: "callers")
        service.process.child.signal(SIGHUP)
        let line = try service.process.child.waitForLine(on: .standardOutput) { $0.contains("stays as it was") }
        #expect(line.contains("HEARTBEAT_TLS_CLIENT_MAP: \(file): line 1: the second word"))
        let after = try client(
            service, files, "print(beat(connect(('\(pair.certificate)', '\(pair.key)')), 'four'))")
        #expect(after == ["200"])
        #expect(try service.row("four", "caller") == ["second"])
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `check tells all faults of the map at once, beside a certificate's`() throws {
        let files = try Files(map: "dns:* a\nworker\nsubject:CN=a a\nsubject:CN=a b\n")
        var environment = ConfigurationRow.good.merging(files.environment) { _, new in new }
        environment["HEARTBEAT_TLS_CLIENT_CRL"] = "/dev/null"
        for command in ["check", "serve"] {
            let output = try runFacade([command], environment: environment)
            #expect(output.exit == .exited(78))
            let text = output.standardOutput + output.standardError
            for fault in ["line 1: there are no wildcards", "line 2: it does not", "line 2: the second", "line 4: the"]
            {
                #expect(
                    text.contains("HEARTBEAT_TLS_CLIENT_MAP: \(files.directory.file("callers")): \(fault)"), "\(text)")
            }
            #expect(text.contains("HEARTBEAT_TLS_CLIENT_CRL: /dev/null: "))
        }
    }
}
