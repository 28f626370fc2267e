/// The object identifier of a built-in type (`pg_type.dat` in PostgreSQL's sources); these never change.
package struct ObjectID: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Left to the server to infer.
    package static let inferred = ObjectID(rawValue: 0)
    package static let boolean = ObjectID(rawValue: 16)
    package static let bytea = ObjectID(rawValue: 17)
    package static let smallint = ObjectID(rawValue: 21)
    package static let integer = ObjectID(rawValue: 23)
    package static let text = ObjectID(rawValue: 25)
    package static let inet = ObjectID(rawValue: 869)
    package static let timestamptz = ObjectID(rawValue: 1184)
    package static let uuid = ObjectID(rawValue: 2950)
}
