import EventLoop

/// How many processors the process may use.
enum Processors {
    /// By affinity and by the container's quota (cgroup v2, then v1), rounded up.
    static func available() -> Int {
        let quota =
            quota(cgroup2: text(of: "/sys/fs/cgroup/cpu.max"))
            ?? quota(
                cgroup1: text(of: "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
                period: text(of: "/sys/fs/cgroup/cpu/cpu.cfs_period_us"))
        return min(affinityProcessorCount(), quota ?? Int.max)
    }

    /// - Parameter text: `max 100000`, or microseconds of processor time a period, and the period.
    static func quota(cgroup2 text: String?) -> Int? {
        let words = text?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count == 2 else { return nil }
        return processors(quota: Int(words[0]), period: Int(words[1]))
    }

    /// - Parameter text: microseconds, -1 for no quota.
    static func quota(cgroup1 text: String?, period: String?) -> Int? {
        processors(
            quota: text.flatMap { Int($0.filter { !$0.isWhitespace }) },
            period: period.flatMap { Int($0.filter { !$0.isWhitespace }) })
    }

    private static func processors(quota: Int?, period: Int?) -> Int? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return max(1, (quota + period - 1) / period)
    }

    private static func text(of path: String) -> String? {
        (try? readFile(at: path, bytesMax: 256)).map { String(decoding: $0, as: UTF8.self) }
    }
}
