import Audit
import Authentication
import EventLoop
import HTTPServer
import Logging
import SigningClient
import Telemetry
import Transport

/// What there is once a process, on the first loop: the operations listener, the partitions' keeper, the signals.
actor Coordinator {
    private static let operationsGrace = Duration.seconds(1)
    private static let operationsConnectionsMax = 200

    private let shared: SharedState
    private let metrics: ProcessMetrics
    private let workers: [Worker]
    private let operationsSocket: BoundSocket
    private nonisolated let loop: EventLoop
    private var running: Int
    private let workerEnded: Wakeup
    private var certificates: CertificateKeeper?
    private var readinessTimer: LoopTimer?

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(_ shared: SharedState, workers: [Worker], operationsSocket: BoundSocket) {
        self.shared = shared
        metrics = ProcessMetrics(shared)
        self.workers = workers
        self.operationsSocket = operationsSocket
        loop = workers[0].loop
        running = workers.count
        workerEnded = Wakeup(on: loop)
    }

    /// Returns when every worker has finished.
    func run() async throws(SystemError) {
        let keeper = partitionKeeper()
        let readiness = readiness()
        let page = operationsPage(readiness.checks)
        let operations = try HTTPServer(
            on: operationsSocket, loop: loop, handler: operationsHandler(readiness, page),
            admission: Self.operationsAdmission())
        let signals = try SignalSource(on: loop)
        readinessTimer = LoopTimer(on: loop) { [weak self] in self?.assumeIsolated { $0.watch(readiness) } }
        watch(readiness)
        // A writer that found no table would log an error and rest for a while.
        keeper.start { [workers, loop, shared] in
            loop.spawn { await shared.keyKeeper.run() }
            loop.spawn {
                for worker in workers { await worker.startAudit() }
                await shared.spool?.replay()
            }
        }
        if let page { loop.spawn { await page.run() } }
        loop.spawn { await operations.run() }
        loop.spawn { [shared] in await shared.credentials.start() }
        loop.spawn { [shared] in await shared.tokens?.verifier.start() }
        loop.spawn { [shared] in await shared.auditReader.run() }
        loop.spawn { [shared] in await shared.bindingReader?.run() }
        certificates = certificateKeeper()
        certificates?.start()
        loop.spawn { await self.obey(signals) }
        while running > 0 { await workerEnded.wait() }
        keeper.stop()
        await shared.auditReader.stop()
        await shared.bindingReader?.stop()
        await shared.keyKeeper.stop()
        await shared.credentials.stop()
        await shared.tokens?.verifier.stop()
        certificates?.stop()
        await shared.spool?.close()
        await shared.spanExporter?.stop()
        readinessTimer?.cancel()
        operations.close()
        await page?.stop()
        await operations.drain(grace: Self.operationsGrace)
    }

    /// To be called by each worker at its end.
    func workerFinished() {
        running -= 1
        workerEnded.signal()
    }

    private func obey(_ signals: sending SignalSource) async {
        let signal = await endingSignal(signals)
        shared.log.logger.info("draining", metadata: ["signal": "\(signal)"])
        shared.beginDraining()
        loop.spawn { await self.stopWorkers() }
        _ = await endingSignal(signals)
        shared.log.logger.warning("a second signal: stopping at once")
        SignalSource.exitAtOnce()
    }

    /// The next signal that says stop; what others ask for is done meanwhile.
    private func endingSignal(_ signals: SignalSource) async -> SignalSource.Signal {
        while true {
            let signal = await signals.next()
            guard signal == .hangup else { return signal }
            shared.log.logger.info("reading files again", metadata: ["signal": "\(signal)"])
            certificates?.reload()
        }
    }

    private func stopWorkers() async {
        let delay = shared.configuration.drainDelay
        if delay > .zero {
            for worker in workers { await worker.announceStop() }
            await loop.pause(for: delay)
        }
        for worker in workers { await worker.stop() }
    }

    private static func operationsAdmission() -> Admission {
        var rules = Admission.Rules()
        rules.connectionsMax = operationsConnectionsMax
        rules.connectionsPerClientMax = operationsConnectionsMax
        return Admission(rules)
    }

    private func readiness() -> Readiness {
        let spool = shared.spool
        let postgreSQLFault = { @Sendable [statuses = workers.map(\.auditStatus)] in AuditStatus.fault(of: statuses) }
        let spoolCheck = spool.map { spool in
            ReadinessCheck(name: "spool", isNeeded: { postgreSQLFault() != nil }, fault: { spool.fault })
        }
        return Readiness(
            [
                ReadinessCheck(
                    name: "postgresql", isNeeded: { spool.map { $0.fault != nil } ?? true }, fault: postgreSQLFault),
                ReadinessCheck(name: "aws_credentials") { [shared] in
                    let status = shared.credentials.status
                    return status.isUsable ? nil : status.fault?.description ?? "there are none yet"
                },
                keysCheck(),
                ReadinessCheck(name: "shutdown") { [shared] in shared.isDraining ? "draining" : nil },
            ] + [spoolCheck, shared.tokens?.readinessCheck].compactMap(\.self))
    }

    private func operationsHandler(_ readiness: Readiness, _ page: OperationsPage?) -> OperationsHandler {
        OperationsHandler(
            readiness: readiness,
            registries: workers.map(\.metrics.registry) + [metrics.registry, readiness.registry]
                + [shared.spool?.registry, shared.tokens?.registry, shared.spanExporter?.queue.registry].compactMap(
                    \.self),
            process: ProcessReadings(), page: page)
    }

    /// Changes are seen when they happen, not when somebody asks.
    private func watch(_ readiness: Readiness) {
        _ = readiness.look(at: wallClockMicroseconds())
        readinessTimer?.set(.now + Readiness.interval)
    }

    private func operationsPage(_ checks: [ReadinessCheck]) -> OperationsPage? {
        guard shared.configuration.hasOperationsPage else { return nil }
        return OperationsPage(OverviewSource(shared, workers: workers, checks: checks), on: loop)
    }

    /// Before the table's keys are known, a caller with a good one would be told that it is not. Where others know
    /// theirs, they need not wait for a table that cannot be read.
    private func keysCheck() -> ReadinessCheck {
        let configuration = shared.configuration
        let hasOthers =
            !configuration.apiKeys.entries.isEmpty || configuration.tokens != nil
            || configuration.tls?.files.clientMap != nil
        return ReadinessCheck(
            name: "api_keys",
            isNeeded: { [keys = shared.keys] in
                let status = keys.status
                return !status.isKnown && (status.fault == nil || !hasOthers)
            },
            fault: { [keys = shared.keys] in
                let status = keys.status
                return status.fault ?? (status.isKnown ? nil : "they are not read yet")
            })
    }

    private func certificateKeeper() -> CertificateKeeper? {
        let logger = shared.log.logger
        return shared.configuration.tls.map { certificates in
            CertificateKeeper(certificates, on: loop) { outcome in
                switch outcome {
                case .success:
                    logger.info("the TLS certificate and what belongs to it are read again, and in use")
                case .failure(let fault):
                    logger.error("the TLS certificate stays as it was", metadata: ["reason": "\(fault)"])
                }
            }
        }
    }

    private func partitionKeeper() -> PartitionKeeper {
        let configuration = shared.configuration
        return PartitionKeeper(
            conninfo: configuration.database, retention: configuration.auditRetention, on: loop
        ) { [logger = shared.log.logger, defaultPartitionRows = metrics.defaultPartitionRows] event in
            switch event {
            case .changed(let steps):
                logger.info("changed the audit table", metadata: ["steps": "\(steps.joined(separator: "; "))"])
            case .overdue(let steps) where steps.isEmpty:
                logger.info("the audit table is up to date again")
            case .overdue(let steps):
                logger.warning(
                    "the audit table is not up to date, and this role may not change it: run `migrate`",
                    metadata: ["steps": "\(steps.joined(separator: "; "))"])
            case .rowsInDefaultPartition(let rows):
                defaultPartitionRows.set(rows)
                guard rows > 0 else { break }
                logger.warning(
                    "audit rows lie in the default partition: their days' partitions were missing",
                    metadata: ["rows": "\(rows)"])
            case .failed(let error):
                logger.error("could not bring the audit table up to date", metadata: ["reason": "\(error)"])
            }
        }
    }
}
