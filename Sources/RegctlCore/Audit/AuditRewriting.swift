/// The rewriting of an audit of schema 4 or earlier with commitments, as the detail of the
/// `migrate-db` entry records it.
struct AuditRewriting {
  private static let beginning = "rewrote the audit with the head "

  /// The hash of the newest entry before.
  let head: String

  /// The first entry that had been changed before; `nil` if the audit was whole.
  let changed: Int64?

  /// The detail of the entry.
  var detail: String {
    Self.beginning + head + (changed.map { ", in which entry \($0) was changed" } ?? "")
  }

  /// Whether the detail of an entry names this head, a hash of 64 digits.
  static func names(_ head: String, in detail: String) -> Bool {
    detail.utf8.starts(with: (beginning + head).utf8)
  }
}
