internal import SMTP
package import System

/// Performs the steps of a delivery one by one and reports each, for diagnosis.
package final class MailProbe {
  /// A completed step.
  package enum Step: Equatable, Sendable {
    case resolved([String])
    case connected(String)
    /// TLS is in use, and the certificate was verified.
    case secured(version: String, subject: String, issuer: String, validUntil: Instant)
    /// The server's reply to a command.
    case replied(to: String, reply: String)
    /// The server accepts mail from us; none was sent.
    case ready
    case accepted(reply: String)
    /// The receiving side rejected the mail, temporarily or permanently.
    case refused(reply: String, isTemporary: Bool)
    case failed(DeliveryError)
  }

  private var transport: any MailTransport
  private let isReady: () -> Bool
  private let mail: OutgoingMail?
  private let notes: Notes
  private var isSubmitted = false
  private var isOver = false

  /// Completed steps that were not reported yet.
  private final class Notes {
    var steps: [Step] = []
  }

  private init(
    transport: any MailTransport, isReady: @escaping () -> Bool, mail: OutgoingMail?,
    notes: Notes
  ) {
    self.transport = transport
    self.isReady = isReady
    self.mail = mail
    self.notes = notes
  }

  /// A probe that sends a test mail with the configured transport.
  package static func sendingTest(
    to address: EmailAddress, _ configuration: Configuration, uid: UInt32, at now: Instant,
    output: @escaping ByteWriter
  ) throws(RegctlError) -> MailProbe {
    let notes = Notes()
    let mail = try TestMail(configuration, uid: uid, at: now).mail(to: address)
    if configuration.effectiveTransport == .smtp, let server = configuration.server {
      try Deliverer.check(configuration, uid: uid)
      return try MailProbe(to: server, configuration, uid: uid, mail: mail, notes: notes)
    }
    let transport = try Deliverer.transport(for: configuration, uid: uid, output: output)
    return MailProbe(transport: transport, isReady: { true }, mail: mail, notes: notes)
  }

  /// Checks that the transport's program or Maildir exists, without creating anything.
  package static func checkPlaces(
    _ configuration: Configuration, uid: UInt32
  ) throws(RegctlError) {
    switch configuration.effectiveTransport {
    case .sendmail:
      try SendmailTransport.check(configuration.sendmailPath, uid: uid)
    case .maildir:
      if let path = configuration.maildirPath { try MaildirTransport.check(path) }
    case .smtp, .stdout, nil:
      break
    }
  }

  /// A probe that stops before sending a mail; `nil` when the transport is not SMTP.
  package static func reaching(
    _ configuration: Configuration, uid: UInt32
  ) throws(RegctlError) -> MailProbe? {
    try Deliverer.check(configuration, uid: uid)
    guard configuration.effectiveTransport == .smtp, let server = configuration.server else {
      return nil
    }
    return try MailProbe(to: server, configuration, uid: uid, mail: nil, notes: Notes())
  }

  private convenience init(
    to server: Server, _ configuration: Configuration, uid: UInt32, mail: OutgoingMail?,
    notes: Notes
  ) throws(RegctlError) {
    let connections = try Deliverer.pool(
      to: server, configuration, uid: uid, connectionLimit: 1,
      observer: { notes.steps.append(Step($0)) })
    self.init(
      transport: SMTPTransport(connections), isReady: { connections.isReady }, mail: mail,
      notes: notes)
  }

  /// The next step; `nil` at the end.
  package func next() -> Step? {
    while notes.steps.isEmpty, !isOver { move() }
    return notes.steps.isEmpty ? nil : notes.steps.removeFirst()
  }

  private func move() {
    transport.open(for: 1)
    if let mail, !isSubmitted, transport.wantsMail {
      isSubmitted = true
      transport.submit(mail)
    }
    for (_, verdict) in transport.step(until: .now + .milliseconds(100), unrecorded: 0) {
      switch verdict {
      case .sent(let reply): end(.accepted(reply: ReplyExcerpt.of(reply)))
      case .refused(let reply), .declined(let reply):
        end(.refused(reply: ReplyExcerpt.of(reply), isTemporary: false))
      case .deferred(let reply, _):
        end(.refused(reply: ReplyExcerpt.of(reply), isTemporary: true))
      case .returned: break
      }
    }
    // A test mail contains no token.
    if let fault = transport.fault { end(.failed(fault.excerpt(hiding: TokenMask()))) }
    if mail == nil, isReady() { end(.ready) }
  }

  private func end(_ step: Step) {
    guard !isOver else { return }
    isOver = true
    notes.steps.append(step)
    transport.close(by: nil)
  }
}

extension MailProbe.Step {
  fileprivate init(_ step: SMTP.Step) {
    switch step {
    case .resolved(let addresses): self = .resolved(addresses)
    case .connected(let place): self = .connected(place)
    case .secured(let version, let subject, let issuer, let validUntil):
      self = .secured(
        version: version, subject: subject, issuer: issuer,
        validUntil: Instant(seconds: validUntil))
    case .replied(let verb, let reply):
      self = .replied(to: verb.rawValue, reply: ReplyExcerpt.of(reply.text))
    }
  }
}
