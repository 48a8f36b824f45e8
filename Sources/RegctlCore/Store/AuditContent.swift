internal import Base

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
    var writer = JSONWriter(.minimal)
    writer.beginArray()
    writer.value(number)
    writer.value(at)
    writer.value(actor)
    writer.value(uid)
    writer.value(act)
    writer.value(subject)
    writer.value(accountsHash)
    writer.value(email)
    writer.value(reason)
    writer.endArray()
    return writer.bytes
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
