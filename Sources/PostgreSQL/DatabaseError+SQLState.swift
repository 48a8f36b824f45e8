internal import SQL

extension DatabaseError {
  /// The error that a server reports.
  init(_ report: ServerReport) {
    self.init(state: report.state, message: report.message, table: report.table)
  }

  /// The error with a code of five characters, whose first two are its class.
  ///
  /// See <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
  init(state: String, message: String, table: String? = nil) {
    self =
      switch (String(state.prefix(2)), state) {
      case (_, "55P03"), (_, "55006"), (_, "57014"): .busy
      case ("40", _): .conflict(detail: message)
      case (_, "23505"):
        table.map { .duplicate(table: $0, detail: message) }
          ?? .constraint(detail: message)
      // A trigger of the application refuses the change in its own words.
      case ("23", _), (_, "P0001"): .constraint(detail: message)
      case ("22", _): Self.unfitting(state)
      case (_, "25006"): .readOnly(.database, detail: message)
      case (_, "42501"): .forbidden(detail: message)
      case ("28", _), (_, "3D000"): .refused(detail: message)
      case (_, "42601"): .unexpected(code: Self.code(state), detail: message)
      case ("42", _), (_, "3F000"): .schemaChanged(detail: message)
      case (_, "53100"): .full
      case (_, "53300"), ("08", _), ("57", _), (_, "25P03"), ("", _): .unavailable(detail: message)
      case ("53", _), ("58", _): .inputOutput(detail: message)
      case (_, "XX001"), (_, "XX002"): .corrupt(detail: message)
      default: .unexpected(code: Self.code(state), detail: message)
      }
  }

  private static func code(_ state: String) -> String { "SQLSTATE \(state)" }

  /// A data exception. Its message contains the value, which may be a secret.
  private static func unfitting(_ state: String) -> DatabaseError {
    switch state {
    case "22001": .constraint(detail: "a text is too long for its column")
    case "22003": .constraint(detail: "a number is out of the range of its column")
    case "22008": .constraint(detail: "a date is out of the range of its column")
    case "22021": .constraint(detail: "a text is not valid UTF-8")
    default: .schemaChanged(detail: "a value does not fit the type of its column (\(state))")
    }
  }
}
