import Authentication
import HTTP
import Heartbeat
import Testing

@Suite struct ClientMapTests {
    struct BadLine: CustomTestStringConvertible {
        let line: String
        let reasons: [ClientMapFault]

        init(_ line: String, _ reasons: ClientMapFault...) {
            self.line = line
            self.reasons = reasons
        }

        var testDescription: String { "\(line) -> \(reasons)" }
    }

    static let badLines = [
        BadLine("subject:CN=a", .badName),
        BadLine("worker", .badIdentity, .badName),
        BadLine("worker subject:CN=a", .badIdentity, .badName),
        BadLine("subject: worker", .badIdentity),
        BadLine("subject:CN worker", .badIdentity),
        BadLine("subject:=a worker", .badIdentity),
        BadLine("subject:/CN=a/O=b worker", .badIdentity),
        BadLine("subject:CN=a, worker", .badIdentity),
        BadLine("subject:CN=a, O=b worker", .badIdentity, .badScopes),
        BadLine("subject:CN = a worker", .badIdentity, .badScopes, .tooManyWords),
        BadLine("subject:CN=a\u{1} worker", .badIdentity),
        BadLine("subject:CN=é worker", .badIdentity),
        BadLine("Subject:CN=a worker", .badIdentity),
        BadLine("email:a@example.com worker", .badIdentity),
        BadLine("dns: worker", .badIdentity),
        BadLine("dns:é.example worker", .badIdentity),
        BadLine("dns:*.example.com worker", .wildcard),
        BadLine("uri:spiffe://cluster/* worker", .wildcard),
        BadLine("uri:/ns/x worker", .badIdentity),
        BadLine("uri::x worker", .badIdentity),
        BadLine("dns:a.example w\u{7f}", .badName),
        BadLine("dns:a.example \(String(repeating: "n", count: 129))", .badName),
        BadLine("dns:a.example team:worker", .badName),
        BadLine("dns:a.example worker read", .badScopes),
        BadLine("dns:a.example worker audit,", .badScopes),
        BadLine("dns:a.example worker audit, admin", .badScopes, .tooManyWords),
        BadLine("dns:a.example worker audit # mine", .tooManyWords),
        BadLine("*:a é x", .badIdentity, .wildcard, .badName, .badScopes),
    ]

    @Test(arguments: badLines) func `bad lines`(row: BadLine) {
        #expect(throws: ClientMapFaults(faults: row.reasons.map { .init(line: 1, reason: $0) })) {
            try ClientMap(row.line)
        }
    }

    @Test func `every fault of every line is told, with its number`() {
        let text = """
            # callers

            dns:a.example a
            worker
            dns:A.example b
            subject:CN=a a
            uri:spiffe://x/y a all\r
            subject:CN=a b
            """
        #expect(
            throws: ClientMapFaults(faults: [
                .init(line: 4, reason: .badIdentity), .init(line: 4, reason: .badName),
                .init(line: 5, reason: .duplicate(line: 3)), .init(line: 7, reason: .badScopes),
                .init(line: 8, reason: .duplicate(line: 6)),
            ])
        ) { try ClientMap(text) }
        #expect(
            "\(ClientMapFaults.Fault(line: 5, reason: .duplicate(line: 3)))"
                == "line 5: the certificate's name is that of line 3")
    }

    @Test func `as many certificates as may be, and one more`() throws {
        let lines = (0..<ClientMap.entriesMax).map { "dns:host-\($0).example worker-\($0)\n" }.joined()
        #expect(try ClientMap(lines).count == ClientMap.entriesMax)
        #expect(
            throws: ClientMapFaults(faults: [.init(line: ClientMap.entriesMax + 1, reason: .tooManyEntries)])
        ) { try ClientMap(lines + "dns:one.more x\ndns:two.more x\n") }
    }

    struct Row: CustomTestStringConvertible {
        let certificate: ClientCertificate
        let name: String?
        var scopes = Scope.standard

        init(
            _ subject: String, dns: [String] = [], uris: [String] = [], _ name: String?,
            scopes: Set<Scope> = Scope.standard
        ) {
            certificate = ClientCertificate(subject: subject, dnsNames: dns, uris: uris)
            self.name = name
            self.scopes = scopes
        }

        var testDescription: String { "\(certificate) -> \(name ?? "nobody")" }
    }

    private static let map = #"""
          # a comment, and a blank line

        \#tsubject:CN=worker-1,O=Acme \#t worker-1 \#r
        subject:CN=worker\,\207,O=Acme worker-7 audit,heartbeat
        subject:CN=\20x\20 spaces
        dns:Worker.Example.com by-dns audit
        uri:spiffe://cluster/ns/x/sa/y by-uri admin
        dns:two.example by-dns
        subject:C=a:b=c with-colon
        """#

    static let rows = [
        Row("CN=worker-1,O=Acme", "worker-1"),
        Row("CN=worker-1,O=acme", nil),
        Row("O=Acme,CN=worker-1", nil),
        Row("CN=worker-1", nil),
        Row(#"CN=worker\, 7,O=Acme"#, "worker-7", scopes: [.audit, .heartbeat]),
        Row(#"CN=\ x\ "#, "spaces"),
        Row(#"CN= x "#, "spaces"),
        Row(#"CN=\\ x "#, nil),
        Row("C=a:b=c", "with-colon"),
        Row("", nil),
        Row("CN=z", dns: ["worker.example.com"], "by-dns", scopes: [.audit]),
        Row("CN=z", dns: ["other", "WORKER.example.COM"], "by-dns", scopes: [.audit]),
        Row("CN=z", dns: ["x.worker.example.com"], nil),
        Row("CN=z", dns: ["worker.example.com."], nil),
        Row("CN=z", dns: ["spiffe://cluster/ns/x/sa/y"], nil),
        Row("CN=z", uris: ["spiffe://cluster/ns/x/sa/y"], "by-uri", scopes: [.admin]),
        Row("CN=z", uris: ["spiffe://cluster/ns/x/sa/Y"], nil),
        Row("CN=z", uris: ["spiffe://cluster/ns/x/sa/y/z"], nil),
        Row("CN=z", uris: ["worker.example.com"], nil),
        // The first line that fits decides.
        Row("CN=worker-1,O=Acme", dns: ["two.example"], uris: ["spiffe://cluster/ns/x/sa/y"], "worker-1"),
        Row("CN=z", dns: ["two.example"], uris: ["spiffe://cluster/ns/x/sa/y"], "by-uri", scopes: [.admin]),
        Row("CN=z", dns: ["two.example", "worker.example.com"], "by-dns", scopes: [.audit]),
        Row("C=a:b=c", dns: ["two.example"], "by-dns"),
    ]

    @Test(arguments: rows) func `callers`(row: Row) throws {
        let map = try ClientMap(Self.map)
        #expect(map.count == 7)
        let caller = row.name.map { Caller(name: $0, authentication: .clientCertificate, scopes: row.scopes) }
        #expect(map.caller(of: row.certificate) == caller)
    }

    @Test func `an empty map knows nobody`() throws {
        let map = try ClientMap("# nobody yet\n")
        #expect(map.caller(of: ClientCertificate(subject: "", dnsNames: [""], uris: [""])) == nil)
    }
}
