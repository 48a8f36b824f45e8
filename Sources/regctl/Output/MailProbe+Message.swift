internal import RegctlCore

extension MailProbe.Step {
  /// The name of the step, for programs.
  var name: String {
    switch self {
    case .resolved: "resolved"
    case .connected: "connected"
    case .secured: "tls"
    case .replied(let verb, _):
      verb.lowercased().split(separator: " ").last.map(String.init) ?? verb
    case .ready: "ready"
    case .accepted: "accepted"
    case .refused(_, let isTemporary): isTemporary ? "deferred" : "refused"
    case .failed: "failed"
    }
  }

  /// The description of the step.
  var detail: String {
    switch self {
    case .resolved(let addresses): "found \(addresses.joined(separator: ", "))"
    case .connected(let place): "connected to \(place)"
    case .secured(let version, let subject, let issuer, let validUntil):
      "\(version), certificate of \(subject) by \(issuer), valid until \(validUntil.displayText)"
    case .replied(let verb, let reply): "\(verb): \(reply)"
    case .ready: "the server accepts mail"
    case .accepted(let reply): "accepted: \(reply)"
    case .refused(let reply, let isTemporary):
      "\(isTemporary ? "not accepted for now" : "refused"): \(reply)"
    case .failed(let error): Diagnostic(error).message
    }
  }

  /// The failure, if the step ended the probe.
  var diagnostic: Diagnostic? {
    switch self {
    case .refused(let reply, isTemporary: true):
      Diagnostic(
        .mailDeferred, .temporary,
        "the mail was not accepted for now: \(TerminalText.escape(reply))", hint: "try again later")
    case .refused(let reply, isTemporary: false):
      Diagnostic(
        .mailUnavailable, .unavailable, "the mail was refused: \(TerminalText.escape(reply))",
        hint: "check the address, and mail_default_sender")
    case .failed(let error): Diagnostic(error)
    default: nil
    }
  }
}
