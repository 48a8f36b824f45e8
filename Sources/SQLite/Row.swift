internal import CSQLite

/// The present row of a running query, valid only inside the closure that receives it.
@safe package struct Row: ~Copyable {
  private let statement: OpaquePointer

  init(statement: OpaquePointer) { unsafe self.statement = statement }

  /// Whether a column holds `NULL`.
  package borrowing func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
  }

  /// A column as an integer; `NULL` and text that is no number read as 0.
  package borrowing func integer(_ column: Int32) -> Int64 {
    unsafe sqlite3_column_int64(statement, column)
  }

  /// A column as an integer, or `nil` for `NULL`.
  package borrowing func optionalInteger(_ column: Int32) -> Int64? {
    isNull(column) ? nil : integer(column)
  }

  /// A column as text, invalid UTF-8 repaired; `NULL` reads as empty.
  package borrowing func text(_ column: Int32) -> String {
    unsafe withBytes(column) { bytes in unsafe String(decoding: bytes, as: UTF8.self) }
  }

  /// A column as text, or `nil` for `NULL`.
  package borrowing func optionalText(_ column: Int32) -> String? {
    isNull(column) ? nil : text(column)
  }

  /// Lends the bytes of a column's text where they lie, without copying them.
  package borrowing func withBytes<Result>(
    _ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    // The pointer must be asked for before the count: https://www.sqlite.org/c3ref/column_blob.html
    let start = unsafe sqlite3_column_text(statement, column)
    let count = unsafe Int(sqlite3_column_bytes(statement, column))
    return unsafe body(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
  }
}
