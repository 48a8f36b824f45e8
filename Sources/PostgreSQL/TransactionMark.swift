internal import CPQ
internal import SQL

/// What identifies a transaction on all connections.
struct TransactionMark: Equatable {
  /// The number of the transaction, of the type `xid8`.
  let number: String

  /// The server's timeline and last checkpoint. As long as both are the same, the server has neither
  /// crashed nor been replaced by a standby. After either, another transaction may have the number
  /// of one that was lost.
  let era: String

  /// The era: a recovery after a crash ends with a checkpoint, and a promotion begins a timeline,
  /// which is the first eight digits of a segment's name.
  static let eraExpression = """
    pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8) || ' ' \
    || (SELECT CAST(c.checkpoint_lsn AS text) FROM pg_catalog.pg_control_checkpoint() AS c)
    """

  /// The query for the mark of the current transaction; `NULL` if it has changed nothing.
  static let query = """
    SELECT t.number, CASE WHEN t.number IS NOT NULL THEN \(eraExpression) END \
    FROM (SELECT CAST(pg_catalog.pg_current_xact_id_if_assigned() AS text)) AS t (number)
    """

  /// What came of the query before a commit.
  enum Answer: Equatable {
    case none
    /// The transaction has changed nothing.
    case unchanged
    case mark(TransactionMark)

    init(_ result: OpaquePointer, _ row: ResultRow) {
      // Both columns are text, of which this does not fail.
      unsafe try? row.become(result)
      let fields = Row(row)
      if let number = fields.optionalText(0), let era = fields.optionalText(1) {
        self = .mark(TransactionMark(number: number, era: era))
      } else {
        self = .unchanged
      }
      row.leave()
    }
  }
}
