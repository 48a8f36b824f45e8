/// The restoration of a pruned or deleted account under a different ID, as recorded in the detail of
/// an audit entry.
struct AuditRenumbering: Equatable, Sendable {
  /// What removed the account.
  enum Removal: Hashable, Sendable {
    /// A prune run, by its number.
    case prune(Int64)
    /// A deletion, by the number of its audit entry.
    case deletion(Int64)
  }

  let removal: Removal

  /// The ID that the account had before.
  let old: Int64

  /// The detail of the audit entry of an account that was pruned and restored.
  static func detail(run: Int64, old: AccountID, new: AccountID) -> String {
    "run \(run)" + (old == new ? "" : ", was number \(old.rawValue)")
  }

  /// The detail of the audit entry of an undeleted account. Before schema 5 there may be a colon after
  /// it, and words of the operator.
  static func detail(deletion entry: Int64, old: AccountID, new: AccountID) -> String {
    "deletion \(entry)" + (old == new ? "" : ", was number \(old.rawValue)")
  }

  init(removal: Removal, old: Int64) {
    self.removal = removal
    self.old = old
  }

  /// Parses a detail; `nil` when it mentions no different ID.
  init?(detail: String) {
    let fact = detail.utf8.prefix { $0 != UInt8(ascii: ":") }
    let words = fact.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 5, words[1].last == UInt8(ascii: ","),
      words[2].elementsEqual("was".utf8), words[3].elementsEqual("number".utf8),
      let number = Int64(String(decoding: words[1].dropLast(), as: UTF8.self)),
      let old = Int64(String(decoding: words[4], as: UTF8.self))
    else { return nil }
    switch String(decoding: words[0], as: UTF8.self) {
    case "run": self.init(removal: .prune(number), old: old)
    case "deletion": self.init(removal: .deletion(number), old: old)
    default: return nil
    }
  }

  /// The run named by the detail of a prune entry.
  static func run(inDetail detail: String) -> Int64? {
    guard detail.utf8.starts(with: "run ".utf8) else { return nil }
    return Int64(String(decoding: detail.utf8.dropFirst(4), as: UTF8.self))
  }
}
