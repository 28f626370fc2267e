import FoundationEssentials

/// The JSON of a value, its members sorted.
func jsonText(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return Array(try encoder.encode(value))
    } catch {
        // Only numbers that are none, which nothing here has, are without a JSON form.
        fatalError("\(error)")
    }
}
