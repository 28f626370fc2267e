import EventLoop
import TestSupport

extension Plan {
    /// The fleet, a service of its own with PostgreSQL, and the simulator behind it.
    /// - Parameter settings: of the service, besides the usual ones.
    package func runThroughFacade(_ server: PrivatePostgreSQL, settings: [String: String] = [:]) throws -> Report {
        let simulator = try startSimulator()
        let service = try ServiceProcess(
            environment: simulator.environment.merging([
                "DATABASE_URL": server.createDatabase().tcpConnectionString, "HEARTBEAT_API_KEYS": FacadeRoute.keyLine,
                "HEARTBEAT_EVENT_LOOPS": "2", "HEARTBEAT_LOG_LEVEL": "warning", "HEARTBEAT_SWF_RATE": rateTold ?? rate,
                "HEARTBEAT_CONNECTIONS_PER_CLIENT_MAX": "10000",
            ]) { own, _ in own }
            .merging(settings) { $1 })
        var report = try EventLoop.run { [self] loop in
            try await run(FacadeRoute(to: service, timeout: timeout, on: loop), simulator, on: loop)
        }
        try report.ask(simulator)
        guard try service.terminate() == .exited(0) else { throw service.child.failure("did not end well") }
        return report
    }

    /// The fleet and the simulator, with nothing in between.
    package func runStraight() throws -> Report {
        let simulator = try startSimulator()
        let boto3 = boto3Tasks > 0 ? try Boto3Workers(self, simulator) : nil
        var report = try EventLoop.run { [self] loop in
            let route = try StraightRoute(to: simulator, on: loop)
            var report = try await run(route, simulator, on: loop)
            report.tally.attempts = route.attempts
            return report
        }
        report.boto3 = try boto3?.finish()
        try report.ask(simulator)
        return report
    }

    private func startSimulator() throws -> SimulatorProcess {
        try SimulatorProcess(["--rate", rate, "--heartbeat-timeout", "\(timeout)s"])
    }

    private func run(_ route: any Route, _ simulator: SimulatorProcess, on loop: EventLoop) async throws -> Report {
        let workers = Workers(self, route, SimulatorControl(simulator, on: loop), on: loop)
        try await workers.run()
        var report = Report()
        report.tally = workers.tally
        report.cancellations = Array(workers.cancellations.values)
        return report
    }
}
