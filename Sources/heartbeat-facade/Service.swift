import AWSConfiguration
import EventLoop
import HTTPServer
import Logging
import SigningClient
import Transport

/// The whole service: its loops, and how they begin and end.
struct Service {
    /// The process's own, and the operations listener's connections.
    private static let descriptorsReserved = 250
    /// A loop's own, and its connections to SWF and PostgreSQL.
    private static let descriptorsPerLoop = 50

    private let shared: SharedState
    private let workers: [Worker]
    private let coordinator: Coordinator

    /// - Throws: where it cannot listen, or has no spool.
    init(_ configuration: Configuration, _ upstream: Upstream, log: ServiceLog) throws {
        SignalSource.block()
        let configuration = Self.fitting(raiseDescriptorLimit(), configuration, log)
        var loops: [EventLoop] = []
        for number in 0..<configuration.eventLoops { loops.append(try EventLoop(name: "loop-\(number)")) }
        let spool = try configuration.spool.map { spool in
            try SpoolService(spool, conninfo: configuration.database, log.logger)
        }
        let spanExporter = try configuration.tracing.map { tracing in
            try SpanExporter(tracing, instance: hostName(), upstream: upstream.client.endpoint.hostName, log.logger)
        }
        spanExporter?.start()
        let shared = SharedState(
            configuration, upstream, spool: spool, spanExporter: spanExporter, log: log, loop: loops[0])
        let sockets = try BoundSocket.bind(configuration.eventLoops, to: configuration.listen)
        let operationsSockets = try BoundSocket.bind(1, to: configuration.operationsListen)
        let workers = zip(sockets, loops).map { Worker(shared, socket: $0, on: $1) }
        coordinator = Coordinator(shared, workers: workers, operationsSocket: operationsSockets[0])
        self.shared = shared
        self.workers = workers
        for (name, socket) in [("api", sockets[0]), ("operations", operationsSockets[0])] {
            log.logger.info("listening", metadata: ["listener": "\(name)", "address": "\(socket.address)"])
        }
    }

    /// At the limit of descriptors no connection to SWF or PostgreSQL could be opened: callers must not bring it there.
    private static func fitting(
        _ descriptorsMax: Int?, _ configuration: Configuration, _ log: ServiceLog
    ) -> Configuration {
        guard let descriptorsMax else { return configuration }
        let reserved = descriptorsReserved + configuration.eventLoops * descriptorsPerLoop
        let connectionsMax = max(descriptorsMax - reserved, descriptorsMax / 2)
        guard connectionsMax < configuration.admission.connectionsMax else { return configuration }
        log.logger.warning(
            "fewer connections than HEARTBEAT_CONNECTIONS_MAX: the limit of open files is too low",
            metadata: ["connections": "\(connectionsMax)", "open_files": "\(descriptorsMax)"])
        var configuration = configuration
        configuration.admission.connectionsMax = connectionsMax
        return configuration
    }

    /// Serves until a signal says stop and what was under way is finished.
    func run() {
        for worker in workers {
            worker.loop.start { [coordinator, shared] in
                do throws(SystemError) {
                    if worker === workers[0] {
                        worker.loop.spawn { await Self.run(worker, coordinator, shared) }
                        try await coordinator.run()
                    } else {
                        await Self.run(worker, coordinator, shared)
                    }
                } catch {
                    Self.fail(error, shared)
                }
            }
        }
        for worker in workers { worker.loop.join() }
        shared.log.logger.info("stopped")
    }

    private static func run(_ worker: Worker, _ coordinator: Coordinator, _ shared: SharedState) async {
        do throws(SystemError) {
            try await worker.run()
        } catch {
            fail(error, shared)
        }
        await coordinator.workerFinished()
    }

    /// A service that lacks one of its loops would look well and drop calls.
    private static func fail(_ error: SystemError, _ shared: SharedState) -> Never {
        shared.log.logger.critical("cannot start", metadata: ["error": "\(error)"])
        SignalSource.exitAtOnce()
    }
}
