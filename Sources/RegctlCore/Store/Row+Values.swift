internal import SQL

extension Instant {
  /// The seconds that a column may hold: the years 1 to 9999, which every format can write.
  static let storedSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
}

extension Row {
  /// A column that holds a time in whole seconds since 1970.
  borrowing func instant(_ column: Int32) -> Instant {
    Instant(seconds: integer(column, in: Instant.storedSeconds))
  }

  /// A column that holds a time in whole seconds since 1970, or `nil` for `NULL`.
  borrowing func optionalInstant(_ column: Int32) -> Instant? {
    isNull(column) ? nil : instant(column)
  }

  /// A column that holds the ID of an existing account.
  borrowing func account(_ column: Int32) -> AccountID {
    AccountID(rawValue: integer(column, in: 1...Int64.max))
  }
}
