internal import RegctlCore

extension MailRefusals {
  /// The numbers in words.
  var message: String {
    if isEmpty { return "every mail of the last day was accepted" }
    let parts = [("refused", failed), ("deferred", deferred)].compactMap { word, counts in
      Self.words(word, counts)
    }
    return "in the last day: \(parts.joined(separator: "; "))"
  }

  /// The number for each subject, in a fixed order; `nil` if there is none.
  private static func words(_ word: String, _ counts: [Subject: Int]) -> String? {
    let parts = Subject.allCases.compactMap { subject in
      counts[subject].map { "\($0) for \(name(of: subject))" }
    }
    return parts.isEmpty ? nil : "\(word) \(parts.joined(separator: ", "))"
  }

  /// The subject with the codes that stand for it.
  private static func name(of subject: Subject) -> String {
    switch subject {
    case .address: "the address (x.1)"
    case .mailbox: "the mailbox (x.2)"
    case .sender: "the sender (x.5 to x.7)"
    case .other: "other reasons"
    }
  }
}
