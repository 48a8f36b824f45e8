/// The exit code of the process, with the numbers of `sysexits.h`.
enum ExitCode: Int32, CaseIterable, Sendable {
  case ok = 0
  case refused = 1
  case usage = 64
  case data = 65
  case noInput = 66
  case noUser = 67
  case unavailable = 69
  case software = 70
  case cannotCreate = 73
  case inputOutput = 74
  case temporary = 75
  case noPermission = 77
  case configuration = 78

  /// The name in the manual page.
  var name: String {
    switch self {
    case .ok: "ok"
    case .refused: "refused"
    case .usage: "usage"
    case .data: "data"
    case .noInput: "no input"
    case .noUser: "no user"
    case .unavailable: "unavailable"
    case .software: "software"
    case .cannotCreate: "can't create"
    case .inputOutput: "I/O"
    case .temporary: "temporary"
    case .noPermission: "no permission"
    case .configuration: "configuration"
    }
  }

  /// The meaning in the manual page.
  var meaning: String {
    switch self {
    case .ok: "done, or nothing to do"
    case .refused: "the state of the data forbids it, or some of several operands failed"
    case .usage: "bad option or operand; a terminal or an option is needed"
    case .data: "malformed address, password refused, token forged or damaged"
    case .noInput: "database, password file or template file missing"
    case .noUser: "no such account"
    case .unavailable: "mail cannot be sent, or a library is not available"
    case .software: "a bug in regctl"
    case .cannotCreate: "the file exists already, or its directory cannot be written"
    case .inputOutput: "database corrupt, full, foreign or too new; writing output failed"
    case .temporary: "database busy, another deliver runs, or mail was deferred: run again"
    case .noPermission: "the user may not read or write a file"
    case .configuration: "configuration, key or template wrong"
    }
  }
}
