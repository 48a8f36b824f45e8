internal import SMTP
internal import System

/// Sends over SMTP, with several connections at once.
struct SMTPTransport: MailTransport {
  private let pool: ConnectionPool

  init(_ pool: ConnectionPool) { self.pool = pool }

  var longestWindow: Int { 100 }
  var maximumUncertain: Int { pool.maximumUncertain }
  var wantsMail: Bool { pool.wantsMail }
  var fault: DeliveryError? {
    pool.fault.map { reason in
      switch pool.remedy {
      case .tokenAuthentication: .wantsAccessToken(reason: reason)
      case nil: .unavailable(reason: reason)
      }
    }
  }

  mutating func open(for waiting: Int) { pool.open(for: waiting) }

  mutating func submit(_ mail: OutgoingMail) {
    pool.submit(
      Envelope(
        id: mail.entry.id.rawValue, sender: mail.envelopeSender, recipient: mail.recipient,
        envelopeID: mail.envelopeID?.text, content: mail.bytes))
  }

  mutating func step(
    until limit: ContinuousClock.Instant, unrecorded: Int
  ) -> [(id: MailID, verdict: DeliveryVerdict)] {
    pool.step(until: limit, unrecorded: unrecorded).compactMap { event in
      switch event {
      case .completed(let id, .accepted(let reply)): (MailID(rawValue: id), .sent(reply))
      case .completed(let id, .deferred(let reply)):
        (MailID(rawValue: id), .deferred(reply, isPossibleDuplicate: false))
      case .completed(let id, .refused(let reply)): (MailID(rawValue: id), .refused(reply))
      case .lost(let id, let reason, let afterFinalDot):
        (MailID(rawValue: id), .deferred(reason, isPossibleDuplicate: afterFinalDot))
      case .returned(let id): (MailID(rawValue: id), .returned)
      case .failed: nil
      }
    }
  }

  mutating func recall() { pool.recall() }

  mutating func cut() { pool.cut("cut off at the time limit of the pass") }

  mutating func close(by limit: ContinuousClock.Instant?) { pool.close(by: limit) }
}

extension Configuration {
  /// The configured server.
  var server: Server? {
    mailServer.map { name in
      let (security, port): (Session.Security, Int) =
        switch mailSecurity {
        case .tls: (.implicitTLS, 465)
        case .starttls: (.startTLS, 587)
        case .none: (.clear, 25)
        }
      return Server(
        name: name, port: mailPort ?? port, security: security, authorities: mailCAFile,
        timeLimit: mailTimeout)
    }
  }

  /// The credentials for the server; `nil` when no user name is configured.
  func credentials(uid: UInt32) throws(RegctlError) -> Credentials? {
    guard let mailUsername else { return nil }
    guard let path = mailPasswordFile else {
      throw .delivery(.missingSetting("mail_password_file"))
    }
    var content = try SecretFile.read(
      path, setting: "mail_password_file", isCredential: isCredential("mail_password_file"),
      uid: uid, held: heldSecrets)
    defer { SecretBytes.wipe(&content) }
    while let last = content.last, last == 0x0a || last == 0x0d { content.removeLast() }
    guard !content.isEmpty else {
      throw .configuration(
        ConfigurationError(
          origin: .file(path: path, line: 0),
          fault: .value(setting: "mail_password_file", value: path, fault: .empty)))
    }
    return Credentials(username: mailUsername, password: content.map { $0 })
  }
}
