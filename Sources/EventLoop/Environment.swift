internal import CLinux

/// The environment that the process was started with.
package func processEnvironment() -> [String: String] {
    var environment: [String: String] = [:]
    var next = unsafe clinux_environment()
    while let entry = unsafe next?.pointee {
        let text = unsafe String(cString: entry)
        if let equals = text.firstIndex(of: "=") {
            environment[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        unsafe next = next?.advanced(by: 1)
    }
    return environment
}

/// The host's name, as the kernel has it.
package func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// How many processors the process may run on by its affinity; cgroup quotas are not in it.
package func affinityProcessorCount() -> Int {
    max(1, Int(clinux_affinity_count()))
}

/// Lets the process have as many descriptors as it may, for a connection takes one; the usual limit of 1024 is there
/// for programs that use select(2).
/// - Returns: how many it may have open from now on; nil where the system does not tell.
package func raiseDescriptorLimit() -> Int? {
    let limit = clinux_raise_descriptor_limit()
    return limit < 0 ? nil : Int(limit)
}
