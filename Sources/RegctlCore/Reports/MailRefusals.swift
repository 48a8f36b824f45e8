internal import SMTP

/// How often mails were not accepted in some time, by what the replies were about.
package struct MailRefusals: Equatable, Sendable {
  /// What a reply was about (RFC 3463, section 3).
  package enum Subject: Int, CaseIterable, Sendable {
    case address, mailbox, sender, other
  }

  /// Mails that were refused for good, and attempts after which there will be others.
  package private(set) var failed: [Subject: Int] = [:]
  package private(set) var deferred: [Subject: Int] = [:]

  init() {}

  /// Whether every mail was accepted.
  package var isEmpty: Bool { failed.isEmpty && deferred.isEmpty }

  /// Counts an attempt.
  mutating func add(_ result: DeliveryAttempt.Result, reply: String?) {
    let subject = Subject(RefusalCause(reply: reply))
    switch result {
    case .failed: failed[subject, default: 0] += 1
    case .deferred: deferred[subject, default: 0] += 1
    case .interrupted: break
    }
  }
}

extension MailRefusals.Subject {
  fileprivate init(_ cause: RefusalCause) {
    self =
      switch cause {
      case .address: .address
      case .mailbox: .mailbox
      case .sender: .sender
      case .unknown: .other
      }
  }
}
