internal import Base
internal import OpenSSL

/// A link of the chain that ties every act of the audit to all before it.
///
/// Its hash is the SHA-256 of the hash before it (64 hexadecimal digits; nothing before the first
/// act) and of the act's `AuditContent` in JSON.
struct AuditLink: Equatable, Sendable {
  let number: Int64
  let hash: String

  /// What stands before the first act.
  static let beginning = AuditLink(number: 0, hash: "")

  init(number: Int64, hash: String) {
    self.number = number
    self.hash = hash
  }

  /// The link of an act behind another.
  init(_ content: AuditContent, after previous: AuditLink) {
    self.init(
      number: content.number,
      hash: Hexadecimal.text(
        of: Digest.sha256.digest(of: Array(previous.hash.utf8) + content.json)))
  }
}
