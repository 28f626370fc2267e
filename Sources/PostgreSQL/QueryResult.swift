/// What a statement gave: its rows as text, and how many rows it touched.
package struct QueryResult: Sendable, Equatable {
    /// The columns of each row in the server's text format; nil is NULL.
    package let rows: [[String?]]
    /// Rows inserted, updated, deleted or selected; 0 for statements that count none.
    package let affectedRows: Int

    package init(rows: [[String?]] = [], affectedRows: Int = 0) {
        self.rows = rows
        self.affectedRows = affectedRows
    }
}
