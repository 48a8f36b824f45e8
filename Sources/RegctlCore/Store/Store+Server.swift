internal import PostgreSQL
internal import SQL
internal import System

/// Stores in databases on a PostgreSQL server.
extension Store {
  /// Opens a database with any schema; to write, on that of several hosts which takes changes.
  static func openServer(
    _ address: ServerAddress, _ mapping: UsersMapping = .original, for access: Access,
    busyTimeout: Duration, silenceTimeout: Duration? = nil
  ) throws(RegctlError) -> Store {
    var parameters = try address.parameters(for: access, busyTimeout: busyTimeout)
    if let silenceTimeout { parameters.silenceTimeout = silenceTimeout }
    let database: PostgreSQLDatabase
    do throws(DatabaseError) {
      database = try PostgreSQLDatabase(parameters)
    } catch {
      throw .store(.cannotConnect(to: address.name, error))
    }
    switch database.product {
    case .postgreSQL(let version) where version >= ServerProduct.oldestVersion: break
    case .postgreSQL(let version):
      throw .store(.unsupportedServer(address.name, product: "PostgreSQL \(version / 10_000)"))
    case .other(let product):
      throw .store(.unsupportedServer(address.name, product: product))
    }
    database.writersLock = "LOCK TABLE regctl_turn IN EXCLUSIVE MODE"
    return Store(database, at: .server(address), resolved: .server(address), mapping: mapping)
  }

  /// Creates the application's table and regctl's in an empty database of a server, completely or
  /// not at all.
  static func createOnServer(
    _ address: ServerAddress, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    let store = try openServer(address, for: .writing, busyTimeout: .seconds(5))
    guard try !store.isTaken() else { throw .store(.taken(server: address.name)) }
    store.writeWithoutTurn()
    try store.installSchema(at: now, by: actor)
  }

  /// The connection, of a store on a server.
  var server: PostgreSQLDatabase {
    guard let server = database as? PostgreSQLDatabase else {
      preconditionFailure("the database is a file")
    }
    return server
  }

  /// The server's version: 150004 is 15.4.
  var serverVersion: Int {
    if case .postgreSQL(let version) = server.product { version } else { 0 }
  }

  /// Begins transactions without the table that excludes other writers, which is not there yet.
  func writeWithoutTurn() { (database as? PostgreSQLDatabase)?.writersLock = nil }
}

/// The right to deliver, as a lock of the session.
extension Store {
  /// The key of the lock: `regctl` in ASCII. A lock is one of its database.
  private static let deliveryKey: Int64 = 0x7265_6763_746c

  /// Takes the right to deliver, or throws that another process has it.
  func sessionRight() throws(RegctlError) -> DeliveryRight {
    let server = server
    if try naming({ () throws(DatabaseError) in try server.isPooled() }) {
      throw .delivery(.pooled(location.text))
    }
    let isTaken = try naming { () throws(DatabaseError) in
      try server.tryAdvisoryLock(Self.deliveryKey)
    }
    guard isTaken else { throw .delivery(.running(lock: location.text)) }
    // A session that has ended has no lock.
    return .session { try? server.releaseAdvisoryLock(Self.deliveryKey) }
  }

  /// Throws if the session no longer has the right, as behind a pooler that was not noticed.
  func requireSessionRight() throws(RegctlError) {
    let server = server
    let holds = try naming { () throws(DatabaseError) in
      try server.holdsAdvisoryLock(Self.deliveryKey)
    }
    guard holds else { throw .delivery(.pooled(location.text)) }
  }
}

extension ServerAddress {
  /// How to connect to the database.
  ///
  /// What writes needs the one of several hosts that takes changes, whatever the address says.
  /// What looks gets the host that the address asks for: the first that answers, unless
  /// `target_session_attrs` says otherwise. A standby may be behind, so it is not preferred unasked.
  func parameters(
    for access: Store.Access, busyTimeout: Duration
  ) throws(RegctlError) -> ConnectionParameters {
    var settings: [ConnectionParameters.Setting]
    do throws(DatabaseError) {
      settings = try ConnectionString.effectiveSettings(for: text)
    } catch {
      throw .store(.cannotConnect(to: name, error))
    }
    do throws(UnverifiedHost) {
      settings = try HostSecurity.secured(settings)
    } catch {
      throw .store(.unverifiedHost(error.name))
    }
    // A service may name them, which is a file that others may have written.
    settings.removeAll { ["options", "replication", "client_encoding"].contains($0.keyword) }
    settings.append(.init("fallback_application_name", "regctl"))
    if let password = try password() { settings.append(.init("password", password)) }
    var parameters = ConnectionParameters(settings, busyTimeout: busyTimeout)
    if access == .writing, parameters.hasSeveralHosts {
      settings.append(.init("target_session_attrs", "read-write"))
      parameters = ConnectionParameters(settings, busyTimeout: busyTimeout)
    }
    if let seconds = settings.last(where: { $0.keyword == "connect_timeout" }).flatMap({
      Int($0.value)
    }), seconds > 0 {
      // The limit of libpq is one for each host.
      parameters.connectTimeout = .seconds(seconds) * parameters.hostCount
    }
    return parameters
  }

  /// The password in the file that the configuration names.
  private func password() throws(RegctlError) -> String? {
    guard let passwordFile else { return nil }
    var content = try SecretFile.read(
      passwordFile.path, setting: "db_password_file", isCredential: passwordFile.isCredential,
      uid: passwordFile.uid)
    defer { SecretBytes.wipe(&content) }
    while let last = content.last, last == 0x0a || last == 0x0d { content.removeLast() }
    guard !content.isEmpty else {
      throw .configuration(
        ConfigurationError(
          origin: .file(path: passwordFile.path, line: 0),
          fault: .value(setting: "db_password_file", value: passwordFile.path, fault: .empty)))
    }
    return String(decoding: content, as: UTF8.self)
  }
}
