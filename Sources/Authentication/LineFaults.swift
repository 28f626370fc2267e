/// All that is wrong with a text of lines.
package struct LineFaults<Reason: Sendable & Hashable & CustomStringConvertible>: Error, Sendable, Hashable {
    package struct Fault: Sendable, Hashable, CustomStringConvertible {
        /// From 1 on, blank lines and comments counted.
        package let line: Int
        package let reason: Reason

        package init(line: Int, reason: Reason) {
            self.line = line
            self.reason = reason
        }

        package var description: String { "line \(line): \(reason)" }
    }

    /// In the order of the lines; never empty.
    package let faults: [Fault]

    package init(faults: [Fault]) {
        self.faults = faults
    }
}
