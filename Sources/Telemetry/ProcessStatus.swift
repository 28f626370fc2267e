/// What Linux tells of a process in `/proc/PID/stat` (proc(5)), in the kernel's own units.
package struct ProcessStatus: Sendable, Equatable {
    /// User and system time, in clock ticks.
    package let cpuTicks: Int
    /// After the system's boot, in clock ticks.
    package let startTicks: Int
    package let virtualBytes: Int
    package let residentPages: Int

    /// - Returns: nil where the text is not of this form.
    package init?(stat text: String) {
        // The second field is the program's name in parentheses, which may hold anything.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
        // proc(5) counts from 1, and the first of these is its third.
        func field(_ number: Int) -> Int? { number - 3 < fields.count ? Int(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let bytes = field(23),
            let pages = field(24)
        else { return nil }
        cpuTicks = user + system
        startTicks = start
        virtualBytes = bytes
        residentPages = pages
    }

    /// The soft limit of `Max open files` in `/proc/PID/limits`; infinite where there is none.
    package static func descriptorsMax(limits text: String) -> Double? {
        let name = "Max open files"
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let soft = line.dropFirst(name.count).split(separator: " ").first
        else { return nil }
        return soft == "unlimited" ? .infinity : Double(soft)
    }

    /// When the system was booted by `/proc/stat`, in seconds since 1970.
    package static func bootTime(stat text: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Int($0.dropFirst(6)) }
    }
}
