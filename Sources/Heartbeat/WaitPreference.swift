package import HTTP

/// How long a caller waits for its answer: `Prefer: wait=N` (RFC 7240 §4.3).
package enum WaitPreference {
    static let secondsDefault = 6
    static let secondsRange = 1...60

    package static func deadline(of request: Request) -> ContinuousClock.Instant {
        request.receivedAt + .seconds(seconds(request.fields))
    }

    /// A preference is advice (§2). One outside the range becomes the nearest that is in it, since who would wait for
    /// longer also waits for 60 seconds; one that is no number is ignored.
    static func seconds(_ fields: Fields) -> Int {
        guard fields.count(named: "Prefer") > 0 else { return secondsDefault }
        for preference in FieldList.elements(fields.values(named: "Prefer")) {
            let parts = FieldList.split(FieldList.name(preference)[...], at: "=")
            guard parts[0] == "wait" else { continue }
            // Of several, only the first counts (§2).
            guard parts.count == 2, !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                break
            }
            let seconds = Int(parts[1]) ?? secondsRange.upperBound
            return min(max(seconds, secondsRange.lowerBound), secondsRange.upperBound)
        }
        return secondsDefault
    }
}
