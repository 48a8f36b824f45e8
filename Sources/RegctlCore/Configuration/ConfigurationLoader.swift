internal import Glibc
internal import System

/// Loads the configuration; options override the environment, which overrides the file.
package struct ConfigurationLoader: Sendable {
  private let environment: Environment
  private let uid: UInt32

  /// A loader for the environment and user that regctl runs in.
  package init(environment: Environment, uid: UInt32) {
    self.environment = environment
    self.uid = uid
  }

  /// Settings given as options on the command line, by key.
  package typealias Options = [(key: String, option: String, value: String)]

  /// Loads the configuration; `file` is the value of `--config`, `none` for no file.
  package func load(file: String?, options: Options) throws(RegctlError) -> Configuration {
    let assignments = try fileAssignments(named: file, options: options)
    var configuration = Configuration()
    var effective: [EffectiveSetting] = []
    let variables = environment.only(prefix: Setting.variablePrefix)
    for setting in Setting.all {
      let (text, origin) = try source(
        of: setting, options: options, variables: variables, assignments: assignments)
      if let text {
        do throws(ConfigurationError.ValueFault) {
          try setting.apply(&configuration, text)
        } catch {
          throw .configuration(
            ConfigurationError(
              origin: origin, fault: .value(setting: setting.key, value: text, fault: error)))
        }
      }
      effective.append(EffectiveSetting(key: setting.key, value: text, origin: origin))
    }
    configuration.defaultDatabase = defaultDatabase
    configuration.effective = effective.map { setting in
      switch setting.key {
      case "secret_key_file" where setting.value == nil:
        EffectiveSetting(
          key: setting.key, value: configuration.effectiveSecretKeyFile, origin: .builtIn)
      case "security_password_salt"
      where setting.origin == .builtIn && configuration.securityPasswordSaltFile != nil:
        EffectiveSetting(key: setting.key, value: nil, origin: .builtIn)
      default: setting
      }
    }
    try configuration.requireOneSalt()
    try configuration.requireDifferent(configuration.writtenSalts)
    configuration.setPasswordFile(uid: uid)
    // The mails of a file are not those of a server.
    if case .file = configuration.db { configuration.dbDeliver = nil }
    return configuration
  }

  private typealias FileAssignment = (path: String, assignment: ConfigurationParser.Assignment)

  private func source(
    of setting: Setting, options: Options, variables: Environment, assignments: [FileAssignment]
  ) throws(RegctlError) -> (String?, ConfigurationError.Origin) {
    if let (_, option, text) = options.first(where: { $0.key == setting.key }) {
      return (text, .option(option))
    }
    if !variables.isEmpty, let text = variables[setting.variable] {
      return (text, .environment(variable: setting.variable))
    }
    if setting.namesSecretFile, let path = try credential(setting.key) {
      return (path, .credential(path: path))
    }
    if let (path, assignment) = assignments.first(where: { $0.assignment.key == setting.key }) {
      return (assignment.value, .file(path: path, line: assignment.line))
    }
    return (setting.key == "db" ? defaultDatabase : setting.defaultText, .builtIn)
  }

  /// A file provided by systemd; see `LoadCredential=` in systemd.exec(5).
  ///
  /// An inaccessible file is an error: if it counted as missing, links would be signed by another
  /// key.
  private func credential(_ name: String) throws(RegctlError) -> String? {
    guard let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty else {
      return nil
    }
    let path = "\(directory)/\(name)"
    return try fileAccess(FileSystem.status(of: path)) == nil ? nil : path
  }

  /// The default path of the database.
  private var defaultDatabase: String {
    if let state = environment["STATE_DIRECTORY"]?.split(separator: ":").first {
      return "\(state)/regctl.db"
    }
    if uid == 0 { return "/var/lib/regctl/regctl.db" }
    return "\(userDirectory("XDG_DATA_HOME", else: ".local/share"))/regctl/regctl.db"
  }

  private func userDirectory(_ variable: String, else fallback: String) -> String {
    // The XDG specification requires relative paths to be ignored.
    if let directory = environment[variable], directory.utf8.first == UInt8(ascii: "/") {
      return directory
    }
    return "\(environment["HOME"] ?? "")/\(fallback)"
  }

  private func fileAssignments(
    named file: String?, options: Options
  ) throws(RegctlError) -> [FileAssignment] {
    if file == "none" { return [] }
    if let file {
      guard try fileAccess(FileSystem.status(of: file)) != nil else {
        throw .configuration(
          ConfigurationError(
            origin: .option("--config"), fault: .missingFile(path: file, setting: "--config")))
      }
      return try assignments(in: file, options: options)
    }
    for candidate in defaultFiles where try isThere(candidate) {
      return try assignments(in: candidate, options: options)
    }
    return []
  }

  /// Whether a file exists; `false` in a directory that the user may not search.
  private func isThere(_ path: String) throws(RegctlError) -> Bool {
    do throws(RegctlError) {
      return try fileAccess(FileSystem.status(of: path)) != nil
    } catch .file(let error) where error.isPermission {
      return false
    }
  }

  /// The default configuration files; only the first that exists is read.
  package var defaultFiles: [String] {
    let system = "/etc/regctl/regctl.conf"
    if uid == 0 { return [system] }
    return ["\(userDirectory("XDG_CONFIG_HOME", else: ".config"))/regctl/regctl.conf", system]
  }

  private func assignments(
    in path: String, options: Options
  ) throws(RegctlError) -> [FileAssignment] {
    func refuse(_ fault: ConfigurationError.Fault) -> RegctlError {
      .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
    }
    guard let file = try FileTrust(uid: uid).open(path) else {
      throw .file(FileError(operation: "open", path: path, code: FileError.missing))
    }
    guard try fileAccess(file.status()).isRegularFile else {
      throw refuse(.notARegularFile(path: path))
    }
    let content = try fileAccess(file.read(atMost: ConfigurationParser.maximumByteCount))
    do throws(ConfigurationError) {
      return try ConfigurationParser.parse(content, path: path).map { (path, $0) }
    } catch {
      if SecretFile.isKeyFile(content, inForce: keyFile(options)) {
        throw refuse(.keyFile(path: path))
      }
      throw .configuration(error)
    }
  }

  /// The key file that would be used if no configuration were read.
  private func keyFile(_ options: Options) -> String? {
    func text(_ key: String) -> String? {
      guard let setting = Setting.named(key) else { preconditionFailure("\(key) is a setting") }
      // A credential that cannot be accessed names no file.
      return try? source(
        of: setting, options: options, variables: environment, assignments: []
      ).0
    }
    return text("secret_key_file")
      // An invalid location has no key file beside it, and is reported when it is loaded.
      ?? text("db").flatMap {
        try? DatabaseLocation($0).secretKeyFile(besideDefault: defaultDatabase)
      }
  }
}

extension Configuration {
  /// Gives the addresses of servers the file with the password.
  fileprivate mutating func setPasswordFile(uid: UInt32) {
    guard let file = passwordFile(uid: uid) else { return }
    db.passwordFile = file
    dbDeliver?.passwordFile = file
  }

  private func passwordFile(uid: UInt32) -> ServerAddress.PasswordFile? {
    dbPasswordFile.map { path in
      ServerAddress.PasswordFile(
        path: path, isCredential: isCredential("db_password_file"), uid: uid)
    }
  }

  /// Another database, for which the configured password is used too.
  package func location(_ text: String, uid: UInt32) throws(ConfigurationError.ValueFault)
    -> DatabaseLocation
  {
    var location = try DatabaseLocation(text)
    location.passwordFile = passwordFile(uid: uid)
    return location
  }
}
