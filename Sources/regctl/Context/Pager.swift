internal import Glibc
internal import RegctlCore
internal import System

/// The program that shows output page by page when it is longer than the terminal.
struct Pager {
  /// The command, which the shell runs.
  let command: String

  /// The most lines that are printed without it.
  let height: Int

  /// The pager to use, as git chooses it: `PAGER`, or else `less` if it is there. An empty value and
  /// `cat` are none.
  ///
  /// There is none under sudo and its like: a pager can start other programs, with the rights that
  /// were given for regctl alone.
  init?(_ environment: Environment, height: Int?) {
    guard let height, environment["TERM"] != "dumb",
      !["SUDO_UID", "SUDO_USER", "DOAS_USER", "PKEXEC_UID"].contains(where: {
        environment[$0] != nil
      })
    else { return nil }
    self.height = height
    if let command = environment["PAGER"] {
      guard !command.isEmpty, command != "cat" else { return nil }
      self.command = command
    } else {
      let directories = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
      guard directories.contains(where: { unsafe access("\($0)/less", X_OK) == 0 }) else {
        return nil
      }
      command = "less"
    }
  }

  /// The options of less, unless the user has set others: leave when all fits, show colours, leave the
  /// text on the screen.
  private static let variables = [("LESS", "FRX"), ("LV", "-c")]

  /// Starts the pager, and returns what to write to; `nil` if it cannot be started.
  func start() -> ChildProcess.Reader? {
    for (name, value) in Self.variables { _ = unsafe setenv(name, value, 0) }
    // Without the pager the output is printed at once.
    return try? ChildProcess.startReader("/bin/sh", ["sh", "-c", command])
  }
}
