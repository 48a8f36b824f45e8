internal import Glibc
internal import OpenSSL
internal import SMTP
package import System

/// Sends what is due, one deliverer at a time.
///
/// Better twice than never: a mail is marked before it is handed over and recorded after, so that
/// a kill at any instant leaves it either waiting, or waiting and marked as a possible duplicate.
package struct Deliverer {
  private let store: Store
  private let assembler: MailAssembler
  private let transport: any MailTransport

  /// What a mail under way may take when the time of a pass is over.
  private let grace: Duration

  /// A deliverer for a configured transport; `output` is where the transport `stdout` writes.
  package init(
    store: Store, configuration: Configuration, uid: UInt32,
    output: @escaping ByteWriter
  ) throws(RegctlError) {
    self.store = store
    assembler = try MailAssembler(configuration, uid: uid)
    transport = try Self.transport(for: configuration, uid: uid, output: output)
    grace = configuration.mailTimeout
  }

  /// Checks the settings that say how mail leaves, and that what they name may be relied on
  /// (`FileTrust`), before anything is opened.
  package static func check(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    switch configuration.effectiveTransport {
    case nil:
      throw .delivery(.notConfigured)
    case .maildir:
      if configuration.maildirPath == nil { throw .delivery(.missingSetting("maildir_path")) }
    case .stdout, .sendmail:
      break
    case .smtp:
      if configuration.mailServer == nil { throw .delivery(.missingSetting("mail_server")) }
      if configuration.mailSecurity == .none, let server = configuration.server,
        server.isRemoteAddress
      {
        throw .delivery(.clearText(server: server.name))
      }
      if let path = configuration.mailCAFile, try FileTrust(uid: uid).check(path).status == nil {
        throw .configuration(
          ConfigurationError(
            origin: .file(path: path, line: 0),
            fault: .missingFile(path: path, setting: "mail_ca_file")))
      }
      if configuration.mailUsername != nil {
        if configuration.mailPasswordFile == nil {
          throw .delivery(.missingSetting("mail_password_file"))
        }
        if configuration.mailSecurity == .none { throw .delivery(.passwordInClear) }
      }
    }
  }

  static func transport(
    for configuration: Configuration, uid: UInt32,
    output: @escaping ByteWriter
  ) throws(RegctlError) -> any MailTransport {
    try check(configuration, uid: uid)
    if configuration.effectiveTransport == .smtp, let server = configuration.server {
      return SMTPTransport(
        try pool(
          to: server, configuration, uid: uid, connectionLimit: configuration.mailConnections))
    }
    if configuration.effectiveTransport == .sendmail {
      let sendmail = try SendmailTransport(
        path: configuration.sendmailPath, timeLimit: configuration.mailTimeout, uid: uid)
      return SequentialTransport { mail throws(DeliveryError) in try sendmail.send(mail) }
    }
    if let path = configuration.maildirPath, configuration.effectiveTransport == .maildir {
      let function = try SHA256()
      do throws(DeliveryError) {
        let maildir = try MaildirTransport(path: path, namingBy: function)
        return SequentialTransport { mail throws(DeliveryError) in try maildir.send(mail) }
      } catch {
        throw .delivery(error)
      }
    }
    let stream = StreamTransport(write: output)
    return SequentialTransport { mail throws(DeliveryError) in try stream.send(mail) }
  }

  /// The connections to a server; throws if TLS is wanted and OpenSSL is not available.
  static func pool(
    to server: Server, _ configuration: Configuration, uid: UInt32, connectionLimit: Int,
    observer: ((SMTP.Step) -> Void)? = nil
  ) throws(RegctlError) -> ConnectionPool {
    if server.security != .clear { try openSSL(TLSContext.checkLibraries()) }
    return ConnectionPool(
      to: server, credentials: try configuration.credentials(uid: uid),
      connectionLimit: connectionLimit, observer: observer)
  }

  /// Whether there is anything to deliver; answered by one look into an index.
  package static func hasWork(in store: Store, at now: Instant) throws(RegctlError) -> Bool {
    try store.hasWork(at: now)
  }

  /// Delivers one mail now; while another process delivers, waits for it to send the mail.
  ///
  /// Returns what became of the mail, and why no mail could leave, if that is so.
  package func deliverNow(
    _ id: MailID, within limit: Duration, clock: @escaping () -> Instant
  ) throws(RegctlError) -> (mail: OutboxEntry?, fault: DeliveryError?) {
    let deadline = ContinuousClock.now + limit
    var fault: DeliveryError?
    while true {
      do throws(RegctlError) {
        fault = try deliver(.only(id), watchedBy: { _ in true }, clock: clock).stopped
      } catch .delivery(let error) {
        guard case .running = error else { throw .delivery(error) }
        if try store.mail(id)?.state.isFinal != true, ContinuousClock.now < deadline {
          _ = usleep(100_000)
          continue
        }
        fault = error
      }
      return (try store.mail(id), fault)
    }
  }

  /// Which mails a pass is about.
  package enum Selection: Sendable {
    /// What is due, the longest waiting first.
    case due(limit: Int)
    /// One mail, if it waits.
    case only(MailID)
  }

  /// Makes one pass over the outbox, which begins no further mail once a time limit is over.
  package func deliver(
    _ selection: Selection, within limit: Duration? = nil, watchedBy watch: @escaping DeliveryWatch,
    clock: @escaping () -> Instant
  ) throws(RegctlError) -> DeliverySummary {
    let deadline = limit.map { DeliveryDeadline(after: $0, grace: grace) }
    let lock = try DeliveryLock(beside: store.location)
    try store.requeueAbandonedMails(at: clock())
    var pass = DeliveryPass(
      store: store, assembler: assembler, transport: transport, watch: watch, clock: clock,
      deadline: deadline)
    var summary = try pass.run(selection)
    // What was left may have been confirmed meanwhile, or be none at all.
    if summary.isOutOfTime { summary.isOutOfTime = try store.hasWork(at: clock()) }
    summary.nextAttempt = try store.nextAttempt()
    lock.release()
    return summary
  }
}
