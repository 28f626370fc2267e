import EventLoop
import Telemetry

/// The `process_…` metrics that Prometheus' own clients have, as /proc tells them.
struct ProcessReadings: Sendable {
    private static let fileBytesMax = 1 << 20

    /// In seconds since 1970; nil where /proc does not tell.
    private let bootTime: Int?
    private let ticksPerSecond = Double(clockTicksPerSecond())
    private let pageSize = memoryPageSize()

    /// Blocks until /proc is read.
    init() {
        bootTime = Self.text("/proc/stat").flatMap(ProcessStatus.bootTime)
    }

    /// Reads on a thread of its own: to count thousands of descriptors takes longer than a loop may be held up.
    func registry() async -> Registry {
        await runBlocking(named: "process") { read() }
    }

    private func read() -> Registry {
        let status = Self.text("/proc/self/stat").flatMap(ProcessStatus.init(stat:))
        let descriptors = openDescriptorCount().map(Double.init)
        let descriptorsMax = Self.text("/proc/self/limits").flatMap(ProcessStatus.descriptorsMax)
        let start = status.flatMap { status in
            bootTime.map { Double($0) + Double(status.startTicks) / ticksPerSecond }
        }
        var registry = Registry()
        registry.counter("process_cpu_seconds_total", help: "User and system CPU time.") {
            status.map { Double($0.cpuTicks) / ticksPerSecond }
        }
        registry.gauge("process_resident_memory_bytes", help: "Memory that the process has in RAM.") {
            status.map { Double($0.residentPages * pageSize) }
        }
        registry.gauge("process_virtual_memory_bytes", help: "Address space of the process.") {
            status.map { Double($0.virtualBytes) }
        }
        registry.gauge("process_open_fds", help: "File descriptors that are open.") { descriptors }
        registry.gauge("process_max_fds", help: "File descriptors that may be open.") { descriptorsMax }
        registry.gauge("process_start_time_seconds", help: "When the process was started, since 1970.") { start }
        return registry
    }

    private static func text(_ path: String) -> String? {
        (try? readFile(at: path, bytesMax: fileBytesMax)).map { String(decoding: $0, as: UTF8.self) }
    }
}
