internal import CLinux

/// Signals as events of a loop.
package final class SignalSource {
    package enum Signal: Sendable, CaseIterable {
        case interrupt
        case terminate
        /// By custom: read the configuration files again.
        case hangup

        fileprivate var number: Int32 {
            switch self {
            case .interrupt: SIGINT
            case .terminate: SIGTERM
            case .hangup: SIGHUP
            }
        }
    }

    private let descriptor: Descriptor
    private let readiness: Readiness

    /// Keeps the signals from ending the process; SIGPIPE too, which a write to a broken pipe tells us by EPIPE.
    /// To be called before any other thread is started: threads inherit it.
    package static func block() {
        var set = blockedSet()
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        clinux_ignore_broken_pipes()
    }

    package init(on loop: EventLoop) throws(SystemError) {
        var set = Self.blockedSet()
        let flags = Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK)
        descriptor = unsafe try Descriptor(signalfd(-1, &set, flags), from: "signalfd")
        readiness = try Readiness(of: descriptor.number, on: loop)
    }

    /// Waits for the next signal.
    package func next() async -> Signal {
        while true {
            var information = signalfd_siginfo()
            let size = MemoryLayout<signalfd_siginfo>.size
            let count = unsafe read(descriptor.number, &information, size)
            let number = Int32(bitPattern: information.ssi_signo)
            if count == size, let signal = Signal.allCases.first(where: { $0.number == number }) { return signal }
            _ = await readiness.wait(for: .read)
        }
    }

    /// Ends the process at once, with exit code 1.
    package static func exitAtOnce() -> Never {
        _exit(1)
    }

    private static func blockedSet() -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in Signal.allCases { unsafe sigaddset(&set, signal.number) }
        return set
    }
}
