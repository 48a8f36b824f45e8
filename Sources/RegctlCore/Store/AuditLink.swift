internal import OpenSSL

/// A link of the chain that ties every act of the audit to all before it.
///
/// Its hash is the SHA-256 of the hash before it (64 hexadecimal digits; nothing before the first
/// act) and of the act as a JSON array without blanks: number, time, actor, user id, act, address,
/// reason. The account's number is left out, for it changes when an account is deleted or restored.
struct AuditLink: Equatable, Sendable {
  let number: Int64
  let hash: String

  /// What stands before the first act.
  static let beginning = AuditLink(number: 0, hash: "")

  init(number: Int64, hash: String) {
    self.number = number
    self.hash = hash
  }

  /// The link of an act that is written down behind another.
  init(_ entry: AuditEntry, after previous: AuditLink) {
    self.init(
      number: previous.number + 1, at: entry.at.seconds, actor: entry.actor.name,
      uid: Int64(entry.actor.uid), act: entry.act.rawValue, email: entry.email,
      reason: entry.reason, after: previous)
  }

  /// The link of an act as its columns say it.
  init(
    number: Int64, at: Int64, actor: String, uid: Int64, act: String, email: String?,
    reason: String?, after previous: AuditLink
  ) {
    var content = Array("\(previous.hash)[\(number),\(at),".utf8)
    JSONText.encode(actor, to: &content)
    content += Array(",\(uid),".utf8)
    JSONText.encode(act, to: &content)
    for text in [email, reason] {
      content.append(UInt8(ascii: ","))
      if let text { JSONText.encode(text, to: &content) } else { content += Array("null".utf8) }
    }
    content.append(UInt8(ascii: "]"))
    self.init(number: number, hash: Digest.sha256.digest(of: content).hexadecimal)
  }
}
