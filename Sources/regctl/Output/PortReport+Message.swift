internal import RegctlCore

extension PortReport {
  /// Which of the tried ports answer.
  var message: String {
    [
      Self.words(open, one: "answers", several: "answer"),
      Self.words(silent, one: "does not answer", several: "do not answer"),
    ]
    .compactMap { $0 }.joined(separator: ", ")
  }

  /// The settings to try; `hasPort` says whether `mail_port` is set.
  func advice(hasPort: Bool) -> Hint {
    guard let settings else {
      return """
        check mail_server; if the host of this machine lets no mail out, ask it to, or use a relay at \
        port 2525, which most hosts leave open
        """
    }
    let security: Hint = "set \(quoting: "mail_security = \(settings.security.rawValue)")"
    if let port = settings.port { return "\(security) and \(quoting: "mail_port = \(port)")" }
    return hasPort ? "\(security) and remove mail_port" : security
  }

  private static func words(_ ports: [Int], one: String, several: String) -> String? {
    guard let last = ports.last else { return nil }
    let first = ports.dropLast().map { "\($0)" }.joined(separator: ", ")
    return first.isEmpty ? "port \(last) \(one)" : "ports \(first) and \(last) \(several)"
  }
}
