import EventLoop
import Logging
import Transport

/// The whole service: its loops, and how they begin and end.
struct Service {
    private let shared: SharedState
    private let workers: [Worker]
    private let coordinator: Coordinator

    /// - Throws: where it cannot listen.
    init(_ configuration: Configuration, log: ServiceLog) throws(SystemError) {
        SignalSource.block()
        let shared = SharedState(configuration, log: log)
        let sockets = try BoundSocket.bind(configuration.eventLoops, to: configuration.listen)
        let operationsSockets = try BoundSocket.bind(1, to: configuration.operationsListen)
        var workers: [Worker] = []
        for (number, socket) in sockets.enumerated() {
            workers.append(Worker(shared, socket: socket, on: try EventLoop(name: "loop-\(number)")))
        }
        coordinator = Coordinator(shared, workers: workers, operationsSocket: operationsSockets[0])
        self.shared = shared
        self.workers = workers
        for (name, socket) in [("api", sockets[0]), ("operations", operationsSockets[0])] {
            log.logger.info("listening", metadata: ["listener": "\(name)", "address": "\(socket.address)"])
        }
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
