/// The restoration of a pruned account under a different ID, as recorded in the reason of an audit
/// entry.
struct AuditRenumbering: Equatable, Sendable {
  let run: Int64

  /// The ID that the account had before.
  let old: Int64

  /// The reason recorded in the audit entry of a restored account.
  static func reason(run: Int64, old: AccountID, new: AccountID) -> String {
    "run \(run)" + (old == new ? "" : ", was number \(old.rawValue)")
  }

  init(run: Int64, old: Int64) {
    self.run = run
    self.old = old
  }

  /// Parses a reason; `nil` when it mentions no different ID.
  init?(reason: String) {
    let words = reason.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 5, words[0].elementsEqual("run".utf8),
      words[1].last == UInt8(ascii: ","), words[2].elementsEqual("was".utf8),
      words[3].elementsEqual("number".utf8),
      let run = Int64(String(decoding: words[1].dropLast(), as: UTF8.self)),
      let old = Int64(String(decoding: words[4], as: UTF8.self))
    else { return nil }
    self.init(run: run, old: old)
  }

  /// The run named by the reason of a prune entry.
  static func run(inReason reason: String) -> Int64? {
    guard reason.utf8.starts(with: "run ".utf8) else { return nil }
    return Int64(String(decoding: reason.utf8.dropFirst(4), as: UTF8.self))
  }
}
