internal import Glibc
internal import RegctlCore
internal import System

/// The source of a new password; never an argument or an environment variable.
enum PasswordSource: Equatable, Sendable {
  /// Asked for twice on the terminal.
  case prompt
  /// Read from a file, or from standard input when the path is `-`.
  case file(String)
  /// Generated and printed once.
  case generate
  /// The account gets no password; a login with a password is impossible.
  case none

  static let fileOption = Option(
    "password-file", ValueUsage("FILE|-", .file), "Read the password from a file, or from stdin")
  static let generateOption = Switch(
    "generate-password", "Make up a password and print it, alone, on stdout")
  static let noneOption = Switch("no-password", "Create the account without a password")

  /// Reads the source from the options.
  init(_ arguments: ParsedArguments) throws(UsageError) {
    try arguments.refuse(Self.fileOption, with: Self.generateOption)
    try arguments.refuse(Self.fileOption, with: Self.noneOption)
    try arguments.refuse(Self.generateOption, with: Self.noneOption)
    if let path = try arguments[Self.fileOption] {
      self = .file(path)
    } else if arguments[Self.generateOption] {
      self = .generate
    } else {
      self = arguments[Self.noneOption] ? .none : .prompt
    }
  }

  /// The password file, if one is named.
  var path: String? {
    if case .file(let path) = self, path != "-" { path } else { nil }
  }
}

/// The hash of a new password and, if it was generated, the password.
final class NewPassword {
  let hash: PasswordHash
  private let generated: SecretBytes?

  fileprivate init(_ hash: PasswordHash, generated: consuming SecretBytes? = nil) {
    self.hash = hash
    self.generated = generated
  }

  /// Prints a generated password; has no effect for one that the user knows.
  func announce(to sink: RowSink) throws(RegctlError) {
    switch generated {
    case .some(let secret): try sink.announce(secret)
    case nil: break
    }
  }
}

extension Context {
  /// Obtains a new password and hashes it as the application that uses the store can read.
  func newPassword(
    from source: PasswordSource, for store: Store, _ configuration: Configuration, command: String
  ) throws(CommandError) -> NewPassword {
    let policy = configuration.passwordPolicy
    switch source {
    case .none:
      return NewPassword(.unusable)
    case .generate:
      let bytes = Password.generate(characterCount: policy.minimumCharacterCount)
      return NewPassword(try Self.hash(bytes.copy(), policy, for: store), generated: bytes)
    case .file(let path):
      let bytes = try secret(inFile: path, configuration)
      return NewPassword(try Self.hash(bytes, policy, for: store))
    case .prompt:
      return NewPassword(try Self.hash(try askTwice(command: command), policy, for: store))
    }
  }

  private static func hash(
    _ bytes: consuming SecretBytes, _ policy: PasswordPolicy, for store: Store
  ) throws(CommandError) -> PasswordHash {
    let password = try password(bytes, policy)
    let newest = policy.bcryptPrefix == .auto ? try core(store.newestBcryptPrefix()) : nil
    return try core(password.hash(prefix: newest ?? .current))
  }

  private static func password(
    _ bytes: consuming SecretBytes, _ policy: PasswordPolicy
  ) throws(CommandError) -> Password {
    do throws(PasswordError) {
      return try Password(bytes, under: policy)
    } catch {
      throw .core(.password(error))
    }
  }

  /// Reads a secret from a file or standard input and removes one line end.
  func secret(
    inFile path: String, _ configuration: Configuration
  ) throws(CommandError) -> SecretBytes {
    var bytes: [UInt8]
    if path == "-" {
      if input.isTerminal {
        guard !globals.noInput, case .entered(let entered) = terminal.readSecret("Password: ")
        else {
          throw .usage(
            UsageError(.needsInput(what: "a password is needed", options: "--password-file FILE")))
        }
        bytes = entered
      } else {
        // The line end, and one byte that is too much.
        bytes = try input.read(atMost: Password.maximumByteCount + 3)
      }
    } else {
      bytes = try core(SecretFile.readPassword(path, uid: uid, in: configuration))
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return SecretBytes(bytes)
  }

  /// The options by which a command needs no terminal for the password.
  private static func alternatives(for command: String) -> Hint {
    let options = CommandTable.command(named: command)?.usage.options ?? []
    return options.contains { $0.long == PasswordSource.noneOption.usage.long }
      ? "--password-file FILE, --generate-password or --no-password"
      : "--password-file FILE or --generate-password"
  }

  private func askTwice(command: String) throws(CommandError) -> SecretBytes {
    for _ in 1...3 {
      guard !globals.noInput,
        case .entered(var first) = terminal.readSecret("New password: "),
        case .entered(var second) = terminal.readSecret("Retype new password: ")
      else {
        throw .usage(
          UsageError(
            .needsInput(what: "a password is needed", options: Self.alternatives(for: command)),
            command: command))
      }
      let areEqual = first == second
      SecretBytes.wipe(&second)
      if areEqual { return SecretBytes(first) }
      SecretBytes.wipe(&first)
      try? errorOutput.write("The two entries differ.\n")
      try? errorOutput.flush()
    }
    throw .core(.password(.entriesDiffer))
  }
}
