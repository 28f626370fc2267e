import AWSConfiguration
import Authentication
import EventLoop
import FlowControl
import HTTP
import HTTPServer
import Heartbeat
import Logging
import PostgreSQL
import SigningClient
import Telemetry
import Transport

extension Configuration {
    /// Reads the environment, for `serve`.
    /// - Returns: the configuration as far as it could be read, what is wrong with it, and what is merely odd.
    static func read(
        _ environment: [String: String]
    ) -> (configuration: Configuration, faults: [String], warnings: [String]) {
        var reader = EnvironmentReader(environment)
        var configuration = Configuration()
        configuration.readService(&reader)
        configuration.readDatabase(&reader)
        configuration.readTracing(&reader)
        configuration.readAWS(&reader)
        reader.checkNames()
        return (configuration, reader.faults, reader.warnings)
    }

    /// Reads only where PostgreSQL is, for `audit`.
    static func readDatabaseOnly(_ environment: [String: String]) -> (database: String?, faults: [String]) {
        let (database, _, faults) = readForMigration(environment)
        return (database, faults)
    }

    /// Whether the environment says where PostgreSQL is.
    static func namesDatabase(_ environment: [String: String]) -> Bool {
        let reader = EnvironmentReader(environment)
        return reader["DATABASE_URL"] != nil || reader["DATABASE_URL_FILE"] != nil || reader.hasAny(prefix: "PG")
    }

    /// Reads only what `migrate` needs.
    /// - Returns: where PostgreSQL is; and how long rows are kept, nil where that is not said: then none is dropped,
    ///   since the service that writes them may be told otherwise.
    static func readForMigration(
        _ environment: [String: String]
    ) -> (database: String?, retention: Duration?, faults: [String]) {
        var reader = EnvironmentReader(environment)
        var configuration = Configuration()
        configuration.readDatabase(&reader)
        configuration.readRetention(&reader)
        let isRetentionGiven = reader["HEARTBEAT_AUDIT_RETENTION"] != nil
        return (configuration.database, isRetentionGiven ? configuration.auditRetention : nil, reader.faults)
    }

    private mutating func readRetention(_ reader: inout EnvironmentReader) {
        reader.read("HEARTBEAT_AUDIT_RETENTION", "a duration from 1d to 36500d", into: &auditRetention) {
            DurationText.duration($0).flatMap { Self.auditRetentions.contains($0) ? $0 : nil }
        }
    }

    private mutating func readService(_ reader: inout EnvironmentReader) {
        reader.read(
            "HEARTBEAT_LISTEN", "an address and a port such as 0.0.0.0:8080, or unix: and a path", into: &listen
        ) {
            SocketAddress($0)
        }
        reader.read(
            "HEARTBEAT_OPERATIONS_LISTEN", "an address and a port such as 0.0.0.0:9090, or unix: and a path",
            into: &operationsListen
        ) {
            SocketAddress($0)
        }
        reader.read("HEARTBEAT_OPERATIONS_PAGE", "on or off", into: &hasOperationsPage) {
            ["on": true, "off": false][$0]
        }
        reader.read("HEARTBEAT_EVENT_LOOPS", "a whole number from 1 to \(Self.eventLoopsMax)", into: &eventLoops) {
            Int($0).flatMap { (1...Self.eventLoopsMax).contains($0) ? $0 : nil }
        }
        reader.read("HEARTBEAT_AUDIT_COMMIT_TIMEOUT", "a duration such as 500ms, above 0", into: &auditCommitTimeout) {
            DurationText.duration($0).flatMap { $0 > .zero ? $0 : nil }
        }
        spoolDirectory = reader["HEARTBEAT_SPOOL_DIRECTORY"]
        let least = ByteCountText.text(Self.spoolLimitMin)
        reader.read("HEARTBEAT_SPOOL_LIMIT", "a number of bytes such as 512MiB, at least \(least)", into: &spoolLimit) {
            ByteCountText.bytes($0).flatMap { $0 >= Self.spoolLimitMin ? $0 : nil }
        }
        reader.read("HEARTBEAT_AUDIT_DETAILS", "full, length or none", into: &auditDetails) {
            DetailsRetention(rawValue: $0)
        }
        readRetention(&reader)
        reader.read("HEARTBEAT_LOG_LEVEL", "one of \(Logger.Level.allCases.map(\.rawValue))", into: &logLevel) {
            Logger.Level(rawValue: $0)
        }
        reader.read("HEARTBEAT_LOG_FORMAT", "json or text", into: &logFormat) { LineLogHandler.Format(rawValue: $0) }
        reader.read(
            "HEARTBEAT_LOG_SUCCESSES", "none, or a whole number from 1 to \(Self.successesPerLogLineMax)",
            into: &successesPerLogLine
        ) { text -> Int?? in
            if text == "none" { return .some(nil) }
            guard let count = Int(text), (1...Self.successesPerLogLineMax).contains(count) else { return nil }
            return count
        }
        reader.read("HEARTBEAT_SERVER_TIMING", "on or off", into: &tellsTimings) { ["on": true, "off": false][$0] }
        reader.read("HEARTBEAT_SHUTDOWN_GRACE", "a duration such as 25s", into: &shutdownGrace) {
            DurationText.duration($0)
        }
        reader.read("HEARTBEAT_DRAIN_DELAY", "a duration such as 5s", into: &drainDelay) { DurationText.duration($0) }
        reader.read(
            "HEARTBEAT_RATE_LIMIT", "a rate such as 10/s or 10/s:50, numbers from 1 to \(RateLimit.rateMax)",
            into: &rateLimit
        ) {
            RateLimit($0).map(Optional.some)
        }
        reader.read("HEARTBEAT_BIND_TASKS", "first-caller", into: &bindsTasks) { $0 == "first-caller" ? true : nil }
        reader.read(
            "HEARTBEAT_SWF_RATE", "auto, off, or a rate such as 160/s:2000, numbers from 1 to \(RateLimit.rateMax)",
            into: &swfRate
        ) { AccountRate.Rule($0) }
        reader.read("HEARTBEAT_MIN_INTERVAL", "a duration such as 5s, above 0", into: &minInterval) {
            DurationText.duration($0).flatMap { $0 > .zero ? .some($0) : nil }.map(Optional.some)
        }
        readAdmission(&reader)
        readTokens(&reader)
        readKeys(&reader)
        readTLS(&reader)
    }

    private mutating func readTLS(_ reader: inout EnvironmentReader) {
        var clients = TLSFiles.ClientAuthentication.optional
        reader.read("HEARTBEAT_TLS_CLIENT_AUTHENTICATION", "optional or required", into: &clients) {
            TLSFiles.ClientAuthentication(rawValue: $0)
        }
        for (name, needed) in [
            ("HEARTBEAT_TLS_CERTIFICATE", "HEARTBEAT_TLS_PRIVATE_KEY"),
            ("HEARTBEAT_TLS_PRIVATE_KEY", "HEARTBEAT_TLS_CERTIFICATE"),
            ("HEARTBEAT_TLS_CLIENT_CA", "HEARTBEAT_TLS_CERTIFICATE"),
            ("HEARTBEAT_TLS_CLIENT_AUTHENTICATION", "HEARTBEAT_TLS_CLIENT_CA"),
            ("HEARTBEAT_TLS_CLIENT_CRL", "HEARTBEAT_TLS_CLIENT_CA"),
            ("HEARTBEAT_TLS_CLIENT_MAP", "HEARTBEAT_TLS_CLIENT_CA"),
        ] where reader[name] != nil && reader[needed] == nil {
            reader.faults.append("\(needed) is not set, but \(name) is: set both.")
        }
        guard let certificate = reader["HEARTBEAT_TLS_CERTIFICATE"], let key = reader["HEARTBEAT_TLS_PRIVATE_KEY"]
        else { return }
        let files = TLSFiles(
            certificate: certificate, privateKey: key, clientCA: reader["HEARTBEAT_TLS_CLIENT_CA"],
            clientAuthentication: clients, clientCRL: reader["HEARTBEAT_TLS_CLIENT_CRL"],
            clientMap: reader["HEARTBEAT_TLS_CLIENT_MAP"])
        do throws(TLSFiles.Fault) {
            tls = try TLSCertificates(files)
        } catch {
            reader.faults += error.sentences
        }
    }

    private mutating func readAdmission(_ reader: inout EnvironmentReader) {
        let count = "a whole number from 1 to \(Self.connectionsMaxMax)"
        func parseCount(_ text: String) -> Int? {
            Int(text).flatMap { (1...Self.connectionsMaxMax).contains($0) ? $0 : nil }
        }
        reader.read("HEARTBEAT_CONNECTIONS_MAX", count, into: &admission.connectionsMax, parse: parseCount)
        reader.read("HEARTBEAT_REQUESTS_MAX", count, into: &admission.requestsMax, parse: parseCount)
        reader.read(
            "HEARTBEAT_CONNECTIONS_PER_CLIENT_MAX", count, into: &admission.connectionsPerClientMax, parse: parseCount)
        reader.read("HEARTBEAT_IDLE_TIMEOUT", "a duration such as 75s, above 0", into: &idleTimeout) {
            DurationText.duration($0).flatMap { $0 > .zero ? $0 : nil }
        }
        reader.read(
            "HEARTBEAT_TRUSTED_PROXIES", "a list of addresses and networks such as 10.0.0.0/8,2001:db8::1",
            into: &admission.trustedProxies
        ) { TrustedProxies($0) }
        reader.read("HEARTBEAT_PROXY_PROTOCOL", "on or off", into: &admission.requiresProxyHeader) {
            ["on": true, "off": false][$0]
        }
        if admission.requiresProxyHeader, reader["HEARTBEAT_TRUSTED_PROXIES"] == nil {
            reader.faults.append(
                "HEARTBEAT_PROXY_PROTOCOL is on, but HEARTBEAT_TRUSTED_PROXIES does not say who may send the header.")
        }
    }

    private mutating func readKeys(_ reader: inout EnvironmentReader) {
        guard let text = reader.secret("HEARTBEAT_API_KEYS") else { return }
        do {
            apiKeys = try StaticKeys(text)
        } catch {
            reader.faults += error.faults.map { "HEARTBEAT_API_KEYS: \($0)" }
        }
    }

    private mutating func readDatabase(_ reader: inout EnvironmentReader) {
        database = reader.secret("DATABASE_URL")
        if let database, let fault = ConnectionString.fault(in: database) {
            reader.faults.append("DATABASE_URL: \(fault)")
        }
        if database != nil, let path = reader["DATABASE_URL_FILE"] { database = ConnectionString.inFile(at: path) }
        if database == nil && !reader.hasAny(prefix: "PG") {
            reader.faults.append(
                "DATABASE_URL is not set, nor any of libpq's PG* variables: say where the audit rows' PostgreSQL is."
            )
        }
    }

    private mutating func readAWS(_ reader: inout EnvironmentReader) {
        do throws(AWSEnvironment.Faults) {
            let environment = try AWSEnvironment(reader.environment)
            aws = environment
            signingClient = try environment.configuration(for: .swf)
            signingClient?.userAgent = Release.userAgent
        } catch {
            reader.faults += error.sentences
        }
    }
}
