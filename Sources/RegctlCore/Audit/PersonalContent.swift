internal import Base
internal import System

/// The fields of an audit entry that can be erased: addresses, and what an operator wrote.
///
/// The audit chain does not cover them but a commitment to them, the SHA-256 of a nonce (32
/// hexadecimal digits) followed by the fields as JSON. Once they and the nonce are erased, the
/// commitment tells nothing about them, and the chain is as whole as before.
struct PersonalContent: Equatable, Sendable {
  let email: String?

  /// The address that the account got or is to get.
  let newEmail: String?
  let reason: String?

  init(email: String?, newEmail: String?, reason: String?) {
    self.email = email
    self.newEmail = newEmail
    self.reason = reason
  }

  init(_ entry: AuditEntry) {
    self.init(email: entry.email, newEmail: entry.newEmail, reason: entry.reason)
  }

  var isEmpty: Bool { email == nil && newEmail == nil && reason == nil }

  /// The fields as a JSON array without whitespace, in the order of the properties.
  var json: [UInt8] {
    var writer = JSONWriter(.minimal)
    writer.beginArray()
    writer.value(email)
    writer.value(newEmail)
    writer.value(reason)
    writer.endArray()
    return writer.bytes
  }

  /// A commitment with its nonce.
  struct Sealed: Equatable, Sendable {
    let nonce: String
    let commitment: String
  }

  /// A commitment with a new nonce; `nil` when there is nothing to commit to.
  ///
  /// The nonce is as long as keeps an address, which can be guessed, from being found by trying.
  func sealed(by function: borrowing SHA256) -> Sealed? {
    if isEmpty { return nil }
    let nonce = RandomBytes.hexadecimal(16)
    return Sealed(nonce: nonce, commitment: commitment(nonce: nonce, by: function))
  }

  /// The commitment with a nonce.
  func commitment(nonce: String, by function: borrowing SHA256) -> String {
    function.hash(of: Array(nonce.utf8) + json)
  }
}
