/// A link of the hash chain that ties every audit entry to all entries before it.
///
/// Its hash is the SHA-256 of the previous hash (64 hexadecimal digits; empty before the first
/// entry) followed by the entry's `AuditContent` as JSON.
struct AuditLink: Equatable, Sendable {
  let number: Int64
  let hash: String

  /// The start of the chain, before the first entry.
  static let beginning = AuditLink(number: 0, hash: "")

  init(number: Int64, hash: String) {
    self.number = number
    self.hash = hash
  }

  /// The link of an entry that follows another link.
  init(_ content: AuditContent, after previous: AuditLink, by function: borrowing SHA256) {
    self.init(
      number: content.number,
      hash: function.hash(of: Array(previous.hash.utf8) + content.json))
  }
}
