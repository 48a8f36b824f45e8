/// A journal mode; see <https://www.sqlite.org/pragma.html#pragma_journal_mode>.
package enum JournalMode: String, CaseIterable, Sendable {
  /// Readers and writers do not block each other; a read-only user needs write access once.
  case wal
  /// A reader needs only read permission.
  case truncate
}
