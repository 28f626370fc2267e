import Audit
import EventLoop
import HTTPServer
import Logging
import Transport

/// What there is once a process, on the first loop: the operations listener, the partitions' keeper, the signals.
actor Coordinator {
    private static let operationsGrace = Duration.seconds(1)

    private let shared: SharedState
    private let workers: [Worker]
    private let operationsSocket: BoundSocket
    private nonisolated let loop: EventLoop
    private var running: Int
    private let workerEnded: Wakeup

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(_ shared: SharedState, workers: [Worker], operationsSocket: BoundSocket) {
        self.shared = shared
        self.workers = workers
        self.operationsSocket = operationsSocket
        loop = workers[0].loop
        running = workers.count
        workerEnded = Wakeup(on: loop)
    }

    /// Returns when every worker has finished.
    func run() async throws(SystemError) {
        let keeper = partitionKeeper()
        let operations = try HTTPServer(on: operationsSocket, loop: loop, handler: operationsHandler())
        let signals = try SignalSource(on: loop)
        // A writer that found no table would log an error and rest for a while.
        keeper.start { [workers, loop] in
            loop.spawn { for worker in workers { await worker.startAudit() } }
        }
        loop.spawn { await operations.run() }
        loop.spawn { await self.obey(signals) }
        while running > 0 { await workerEnded.wait() }
        keeper.stop()
        operations.close()
        await operations.drain(grace: Self.operationsGrace)
    }

    /// To be called by each worker at its end.
    func workerFinished() {
        running -= 1
        workerEnded.signal()
    }

    private func obey(_ signals: sending SignalSource) async {
        let signal = await signals.next()
        shared.log.logger.info("draining", metadata: ["signal": "\(signal)"])
        shared.beginDraining()
        for worker in workers { await worker.stop() }
        _ = await signals.next()
        shared.log.logger.warning("a second signal: stopping at once")
        SignalSource.exitAtOnce()
    }

    private func operationsHandler() -> OperationsHandler {
        let statuses = workers.map(\.auditStatus)
        let hasCredentials = shared.configuration.credentials != nil
        return OperationsHandler(
            checks: [
                ReadinessCheck(name: "postgresql") { statuses.lazy.compactMap(\.fault).first },
                ReadinessCheck(name: "aws_credentials") { hasCredentials ? nil : "there are none" },
                ReadinessCheck(name: "shutdown") { [shared] in shared.isDraining ? "draining" : nil },
            ],
            registries: workers.map(\.metrics.registry) + [ProcessMetrics.registry()])
    }

    private func partitionKeeper() -> PartitionKeeper {
        let logger = shared.log.logger
        return PartitionKeeper(conninfo: shared.configuration.database, on: loop) { event in
            switch event {
            case .created(let tables):
                logger.info("made audit tables", metadata: ["tables": "\(tables.joined(separator: " "))"])
            case .defaultPartitionHasRows:
                logger.warning("audit rows lie in the default partition: their days' partitions were missing")
            case .failed(let error):
                logger.error("could not make audit tables", metadata: ["reason": "\(error)"])
            }
        }
    }
}
