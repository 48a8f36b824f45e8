internal import RegctlCore
internal import System

/// The description of a failure: a message, an optional hint, a stable code, an exit code.
///
/// All text about errors is written here and in the extensions of this type.
struct Diagnostic: Equatable, Sendable {
  let code: ErrorCode
  let exitCode: ExitCode

  /// Lower case, no full stop; untrusted values are escaped and in quotes.
  let message: String

  /// What to do next.
  let hint: String?

  init(_ code: ErrorCode, _ exitCode: ExitCode, _ message: String, hint: Hint? = nil) {
    self.code = code
    self.exitCode = exitCode
    self.message = message
    self.hint = hint?.text
  }

  /// The same diagnostic, with the user that root switched to if that explains the failure.
  func explaining(_ owner: DatabaseOwner?) -> Diagnostic {
    guard let owner, code == .permissionDenied, hint == nil else { return self }
    let name = owner.user.text
    let words: Hint =
      "regctl runs as user \(quoting: name), the owner of \(quoting: owner.path)"
    return Diagnostic(
      code, exitCode, message,
      hint: exitCode == .cannotCreate
        ? "\(words): name a file in a directory where \(quoting: name) may write" : words)
  }

  /// The same diagnostic, with the owner of a file that the user may not read.
  func suggesting(_ owner: User?) -> Diagnostic {
    guard let owner, code == .permissionDenied, exitCode == .noPermission, hint == nil else {
      return self
    }
    return Diagnostic(
      code, exitCode, message,
      hint: "run it as the owner of the file: \(ShellCommand(as: owner, "regctl"))")
  }

  /// The failure as a JSON object.
  var object: ReportValue {
    .object([
      ReportField("code", .text(code.rawValue)), ReportField("message", .text(message)),
      ReportField("hint", ReportValue(hint)),
      ReportField("exit", .integer(Int64(exitCode.rawValue))),
    ])
  }

  /// Creates the diagnostic for any failure; ages in the message are relative to `now`.
  init(_ error: CommandError, now: Instant, isVerbose: Bool) {
    switch error {
    case .usage(let error): self.init(error)
    case .core(let error): self.init(error, now: now, isVerbose: isVerbose)
    case .declined: self = .declined
    case .output(let error, _): self.init(writing: error)
    case .line(let path, let number, let error): self.init(error, path: path, line: number)
    case .input(let error):
      self.init(.ioError, .inputOutput, "cannot read \(error.path): \(error.reason)")
    }
  }

  /// Creates the diagnostic for an error of the core.
  init(_ error: RegctlError, now: Instant, isVerbose: Bool) {
    switch error {
    case .address(let error): self.init(error)
    case .password(let error): self.init(error)
    case .account(let error): self.init(error, now: now)
    case .token(let error): self.init(error, now: now)
    case .configuration(let error): self.init(error)
    case .store(let error): self.init(error, isVerbose: isVerbose)
    case .template(let error): self.init(error)
    case .prune(let error): self.init(error)
    case .mail(let error): self.init(error)
    case .delivery(let error): self.init(error)
    case .file(let error): self.init(error)
    case .importing(let error): self.init(error)
    case .announcement(let error): self.init(writing: error)
    case .openSSL(let reason):
      // A file that cannot be read, though not one of the user's.
      self.init(
        .ioError, .unavailable, "cannot use OpenSSL: \(TerminalText.escape(reason))",
        hint: "install OpenSSL 3; on Debian: apt-get install libssl3")
    }
  }

  /// Creates the diagnostic for standard output that cannot be written.
  private init(writing error: FileError) {
    self.init(.ioError, .inputOutput, "cannot write to \(error.path): \(error.reason)")
  }

  private init(_ error: FileError) {
    let message = "cannot \(error.operation) \(TerminalText.quote(error.path)): \(error.reason)"
    if error.operation == "create" {
      self.init(
        error.isPermission ? .permissionDenied : .ioError, .cannotCreate, message,
        hint: error.isExisting ? "name another file" : nil)
    } else if error.isPermission {
      self.init(.permissionDenied, .noPermission, message)
    } else if error.isMissing {
      self.init(.ioError, .noInput, message)
    } else {
      self.init(.ioError, .inputOutput, message)
    }
  }
}
