internal import CSQLite

/// Calls a function again and again while statements of a connection run.
///
/// SQLite calls it after a number of instructions of its virtual machine. Some libraries run none
/// while they look at the pages of a table: SQLite 3.40 calls it first when an integrity check
/// compares rows with indexes. See <https://www.sqlite.org/c3ref/progress_handler.html>.
@safe final class WorkObserver {
  /// How many instructions are between two calls, which take some milliseconds.
  private static let instructions: Int32 = 100_000

  private let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }

  /// Installs this observer on a connection, which it must outlive.
  func install(on connection: OpaquePointer) {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe sqlite3_progress_handler(
      connection, Self.instructions,
      { context in
        guard let context = unsafe context else { return 0 }
        unsafe Unmanaged<WorkObserver>.fromOpaque(context).takeUnretainedValue().body()
        // Anything else would interrupt the statement.
        return 0
      }, context)
  }
}
