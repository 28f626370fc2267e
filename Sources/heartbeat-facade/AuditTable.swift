import Heartbeat

/// Audit rows as lines for people.
struct AuditTable {
    private static let headings = ["TIME", "CALLER", "OUTCOME", "CANCEL", "TASK", "MS", "DETAILS"]
    /// So many of the hash's digits tell tasks apart.
    private static let taskDigits = 12

    private let widths: [Int]

    /// - Parameter records: make the columns' widths; later rows may be wider.
    init(_ records: [AuditRecord]) {
        widths = ([Self.headings] + records.map(Self.cells)).reduce(Self.headings.map { _ in 0 }) { widths, row in
            zip(widths, row).map { max($0, $1.count) }
        }
    }

    var header: String { line(Self.headings) }

    func line(_ record: AuditRecord) -> String { line(Self.cells(record)) }

    /// The last column is as long as it is.
    private func line(_ cells: [String]) -> String {
        let padded = zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: max(0, width - cell.count))
        }
        return padded.dropLast().joined(separator: "  ") + (cells.last.map { "  " + $0 } ?? "")
    }

    private static func cells(_ record: AuditRecord) -> [String] {
        [
            record.receivedAt, record.caller ?? "-", record.outcome,
            record.cancelRequested.map { $0 ? "yes" : "no" } ?? "-",
            record.taskTokenSHA256.map { String($0.prefix(taskDigits)) } ?? "-",
            String(record.durationMicroseconds / 1000),
            record.details ?? record.detailsLength.map { "(\($0) characters)" } ?? "-",
        ].map(shown)
    }

    /// Without what would make a terminal do something: line ends, escape sequences, a change of direction.
    private static func shown(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { shown, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
    }
}
