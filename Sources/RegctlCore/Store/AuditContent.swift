/// What the chain of the audit covers of an act.
///
/// The account is named by the number that it had when the act was written: unlike the column by which
/// an account finds its past, that one never changes.
struct AuditContent: Equatable, Sendable {
  let number: Int64

  /// Seconds since 1970.
  let at: Int64
  let actor: String
  let uid: Int64
  let act: String

  /// The number of the account that the act was about, unless it was about none or many.
  let subject: Int64?

  /// Stands for the accounts of an act on many; see `AuditSubjects`.
  let accountsHash: String?
  let email: String?
  let reason: String?

  /// The act as a JSON array without blanks, in the order of the properties.
  var json: [UInt8] {
    var output: [UInt8] = []
    append(number, to: &output)
    append(at, to: &output)
    append(actor, to: &output)
    append(uid, to: &output)
    append(act, to: &output)
    append(subject, to: &output)
    append(accountsHash, to: &output)
    append(email, to: &output)
    append(reason, to: &output)
    output.append(UInt8(ascii: "]"))
    return output
  }

  private func append(_ number: Int64?, to output: inout [UInt8]) {
    output.append(UInt8(ascii: output.isEmpty ? "[" : ","))
    output += (number.map { String($0) } ?? "null").utf8
  }

  private func append(_ text: String?, to output: inout [UInt8]) {
    output.append(UInt8(ascii: ","))
    if let text { JSONText.encode(text, to: &output) } else { output += "null".utf8 }
  }
}

extension AuditContent {
  /// An act with a number that is being written down.
  init(_ entry: AuditEntry, number: Int64, accountsHash: String?) {
    self.init(
      number: number, at: entry.at.seconds, actor: entry.actor.name, uid: Int64(entry.actor.uid),
      act: entry.act.rawValue, subject: entry.account?.rawValue, accountsHash: accountsHash,
      email: entry.email, reason: entry.reason)
  }
}
