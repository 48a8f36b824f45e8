internal import CPQ
internal import SQL

/// An error that the server, or libpq in its place, reports for a statement.
struct ServerReport {
  /// The code of the error; empty when libpq lost the connection. See
  /// <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
  let state: String

  /// The message without the detail, which may contain values of the row.
  let message: String

  /// The table of a constraint.
  let table: String?

  /// Whether the server ends the connection.
  let endsConnection: Bool

  /// The report in a result.
  init(_ result: OpaquePointer, _ pq: UnsafePointer<regctl_libpq>) {
    func field(_ code: Int32) -> String? {
      unsafe pq.pointee.PQresultErrorField(result, code).map { unsafe String(cString: $0) }
    }
    state = field(regctl_PG_DIAG_SQLSTATE) ?? ""
    message = field(regctl_PG_DIAG_MESSAGE_PRIMARY) ?? ""
    table = field(regctl_PG_DIAG_TABLE_NAME)
    endsConnection = ["FATAL", "PANIC"].contains(field(regctl_PG_DIAG_SEVERITY_NONLOCALIZED) ?? "")
  }

  /// Whether a prepared statement has become useless, as happens when a table gets another column
  /// (`feature_not_supported`) or the session was reset (`invalid_sql_statement_name`).
  var isStalePlan: Bool { state == "0A000" || state == "26000" }
}
