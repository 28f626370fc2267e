import PostgreSQL
import Testing

struct PostgreSQLErrorTests {
    /// What is to be done about an error.
    enum Remedy {
        case anotherConnection
        case again
        case other
    }

    @Test(
        arguments: [
            ("25006", .anotherConnection), ("57P01", .anotherConnection), ("57P02", .anotherConnection),
            ("57P03", .anotherConnection), ("57P05", .anotherConnection), ("08006", .anotherConnection),
            ("08P01", .anotherConnection), ("40001", .again), ("40P01", .again), ("57014", .other), ("55P03", .other),
            ("53100", .other), ("42P01", .other), ("23505", .other), ("26000", .other),
        ] as [(String, Remedy)])
    func `an error's state says what helps`(state: String, remedy: Remedy) {
        let error = PostgreSQLError(sqlState: state, message: "", isConnectionLost: false)
        #expect(error.callsForAnotherConnection == (remedy == .anotherConnection))
        #expect(error.isRolledBackForAnother == (remedy == .again))
    }

    @Test(arguments: [nil, "57014", "40001"])
    func `a lost connection calls for another one, whatever was said last`(state: String?) {
        let error = PostgreSQLError(sqlState: state, message: "", isConnectionLost: true)
        #expect(error.callsForAnotherConnection)
    }
}
