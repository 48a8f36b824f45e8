/// The reason of an audit entry as it was stored before schema 5: what regctl wrote about the act,
/// a colon, and the words of the operator. `to new@example.org: moved`, `deletion 7: by mistake`.
struct CombinedReason: Equatable, Sendable {
  let newEmail: String?
  let detail: String?

  /// The words of the operator.
  let reason: String?

  init(newEmail: String?, detail: String?, reason: String?) {
    self.newEmail = newEmail
    self.detail = detail
    self.reason = reason
  }

  /// The parts in one text; `nil` when there are none.
  var text: String? {
    let parts = [newEmail.map { Self.to + $0 }, detail, reason].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ": ")
  }

  private static let to = "to "

  /// Separates the parts of a stored reason. What does not have the form that regctl wrote is the
  /// operator's.
  init(_ text: String?, of act: AuditEntry.Act?, hasAccount: Bool) {
    guard let text, let act else {
      self.init(newEmail: nil, detail: nil, reason: text)
      return
    }
    switch act {
    case .changeEmail, .requestEmailChange, .confirmEmailChange:
      let (first, rest) = Self.parts(of: text)
      let isAddress =
        first.utf8.starts(with: Self.to.utf8) && first.utf8.contains(UInt8(ascii: "@"))
      self.init(
        newEmail: isAddress ? Self.dropping(Self.to.utf8.count, of: first) : nil, detail: nil,
        reason: isAddress ? rest : text)
    case .undelete:
      let (first, rest) = Self.parts(of: text)
      let isFact = first.utf8.starts(with: "deletion ".utf8)
      self.init(newEmail: nil, detail: isFact ? first : nil, reason: isFact ? rest : text)
    // Of a domain: that of an account is the operator's alone.
    case .lock where !hasAccount, .unlock where !hasAccount:
      let (first, rest) = Self.parts(of: text)
      let isDomain = first.utf8.first == UInt8(ascii: "@")
      self.init(newEmail: nil, detail: isDomain ? first : nil, reason: isDomain ? rest : text)
    case .issueToken, .requestReset, .prune, .unprune, .purge, .retryMail, .cancelMail,
      .releaseHeld, .resend, .importAccounts, .export, .restoreDatabase, .migrateDatabase,
      .rotateKey:
      self.init(newEmail: nil, detail: text, reason: nil)
    default: self.init(newEmail: nil, detail: nil, reason: text)
    }
  }

  /// What is before the first colon that a blank follows, and what is behind.
  private static func parts(of text: String) -> (first: String, rest: String?) {
    let bytes = Array(text.utf8)
    for (position, byte) in bytes.enumerated().dropLast()
    where byte == UInt8(ascii: ":") && bytes[position + 1] == UInt8(ascii: " ") {
      return (
        String(decoding: bytes[..<position], as: UTF8.self),
        String(decoding: bytes[(position + 2)...], as: UTF8.self)
      )
    }
    return (text, nil)
  }

  private static func dropping(_ count: Int, of text: String) -> String {
    String(decoding: text.utf8.dropFirst(count), as: UTF8.self)
  }
}
