internal import Base
internal import Glibc
internal import OpenSSL
internal import SMTP
package import System

/// Sends due mails; one process at a time delivers for a database.
///
/// Delivery is at least once. A mail is marked before it is sent, and its result is recorded after,
/// so a process that is killed leaves the mail either queued, or queued and marked as a possible
/// duplicate.
package struct Deliverer {
  private let store: Store

  /// Makes another connection to the database, for results that the lost one cannot record.
  private let reopen: () throws(RegctlError) -> Store
  private let assembler: MailAssembler
  private let transport: any MailTransport
  private let limits: DeliveryLimits

  /// The time allowed for mails in flight after the time limit of a pass.
  private let grace: Duration

  /// A deliverer for the configured transport; `output` receives the mails of the transport
  /// `stdout`.
  ///
  /// The mails of a store behind a pooler are delivered over a connection to `db_deliver`.
  package init(
    store: Store, configuration: Configuration, uid: UInt32,
    output: @escaping ByteWriter
  ) throws(RegctlError) {
    try self.init(
      direct: configuration.dbDeliver == nil ? store : configuration.storeToDeliver(),
      configuration, uid: uid, output: output)
  }

  /// A deliverer for a store that is not behind a pooler.
  init(
    direct store: Store, _ configuration: Configuration, uid: UInt32, output: @escaping ByteWriter
  ) throws(RegctlError) {
    reopen = { () throws(RegctlError) in try configuration.storeToDeliver() }
    self.store = store
    try store.requireApplicationResets(configuration)
    assembler = try MailAssembler(configuration, uid: uid)
    transport = try Self.transport(for: configuration, uid: uid, output: output)
    limits = DeliveryLimits(configuration)
    grace = configuration.mailTimeout
  }

  /// Checks the transport's settings, and that the files they name are trusted (`FileTrust`),
  /// before anything is opened.
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

  /// Whether there is work for a delivery pass; reads only an index.
  package static func hasWork(in store: Store, at now: Instant) throws(RegctlError) -> Bool {
    try store.hasWork(at: now + DueHorizon.lead)
  }

  /// Delivers one mail now; if another process is delivering, waits for it to send the mail. A mail
  /// whose link is valid only from the next second is sent then.
  ///
  /// Returns the result of the mail, and the error that prevented delivery, if any.
  package func deliverNow(
    _ id: MailID, within limit: Duration, clock: @escaping () -> Instant
  ) throws(RegctlError) -> (mail: OutboxEntry?, fault: DeliveryError?) {
    try awaitDue(id, clock: clock)
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

  /// Sleeps until a mail is due, if that is within the lead of a pass.
  private func awaitDue(_ id: MailID, clock: () -> Instant) throws(RegctlError) {
    guard let due = try store.mail(id)?.nextAttemptAt else { return }
    let time = due - clock()
    if time > .zero, time <= DueHorizon.lead { _ = usleep(UInt32(time.microseconds) + 1) }
  }

  /// The mails of a pass.
  package enum Selection: Sendable {
    /// Mails that are due within the next second, the one with the earliest due time first.
    case due(limit: Int)
    /// One mail, if it is queued.
    case only(MailID)
  }

  /// Runs a pass over the outbox, which starts no further mail after a time limit.
  package func deliver(
    _ selection: Selection, within limit: Duration? = nil, watchedBy watch: @escaping DeliveryWatch,
    clock: @escaping () -> Instant
  ) throws(RegctlError) -> DeliverySummary {
    let deadline = limit.map { DeliveryDeadline(after: $0, grace: grace) }
    let right = try store.deliveryRight()
    try store.requeueAbandonedMails(at: clock())
    var pass = DeliveryPass(
      store: store, reopen: reopen, assembler: assembler, transport: transport, limits: limits,
      watch: watch, clock: clock, deadline: deadline)
    var summary = try pass.run(selection)
    // The remaining mails may have been cancelled meanwhile, or not have existed.
    if summary.isOutOfTime { summary.isOutOfTime = try store.hasWork(at: clock()) }
    summary.nextAttempt = try store.nextAttempt()
    right.release()
    return summary
  }
}

extension Configuration {
  /// A connection to the database that needs no pooler.
  func storeToDeliver() throws(RegctlError) -> Store {
    let store = try Store.open(
      dbDeliver ?? db, mapping: users, for: .writing, busyTimeout: busyTimeout, zone: databaseZone)
    store.passwordScheme = passwordPolicy.scheme
    return store
  }
}
