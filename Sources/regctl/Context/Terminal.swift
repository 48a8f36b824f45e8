internal import Glibc
internal import RegctlCore
internal import System

/// The user's terminal: whether there is one, and prompts on it.
struct Terminal {
  let outputIsTerminal: Bool
  let errorIsTerminal: Bool

  /// Whether standard error goes to the systemd journal, which takes a severity for each line.
  let errorIsJournal: Bool

  /// The columns and lines of the terminal that shows standard output; `nil` where there is none, or
  /// its size does not matter.
  var size: (columns: Int, lines: Int)?

  /// Prompts for a secret on `/dev/tty` with echo off.
  let readSecret: (_ prompt: String) -> SecretReading

  /// Asks a yes-or-no question; `nil` when there is no terminal.
  let confirm: (_ question: String) -> Bool?

  /// The result of prompting for a secret.
  enum SecretReading {
    case entered([UInt8])
    case noTerminal
  }

  /// The terminal of this process; `journal` is the value of `JOURNAL_STREAM`.
  static func live(journal: String?) -> Terminal {
    Terminal(
      outputIsTerminal: isatty(STDOUT_FILENO) == 1, errorIsTerminal: isatty(STDERR_FILENO) == 1,
      errorIsJournal: isJournal(STDERR_FILENO, journal), size: size(of: STDOUT_FILENO),
      readSecret: { prompt in SecretPrompt(prompt).read() },
      confirm: { question in ask(question) })
  }

  /// The size of a terminal, 80 by 24 if it does not know its own. See TIOCGWINSZ(2const).
  private static func size(of descriptor: Int32) -> (columns: Int, lines: Int)? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    let code = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
    guard code == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Whether a descriptor is the stream that `JOURNAL_STREAM` names. See systemd.exec(5).
  private static func isJournal(_ descriptor: Int32, _ stream: String?) -> Bool {
    var status = stat()
    guard let stream, unsafe fstat(descriptor, &status) == 0 else { return false }
    return stream == "\(status.st_dev):\(status.st_ino)"
  }

  /// Asks on `/dev/tty`; only `y` and `yes` confirm, and input before the question is discarded.
  private static func ask(_ question: String) -> Bool? {
    let descriptor = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { _ = close(descriptor) }
    tcflush(descriptor, TCIFLUSH)
    try? File.write(Array("\(question) [y/N] ".utf8), to: descriptor, path: "/dev/tty")
    var answer: [UInt8] = []
    var byte: UInt8 = 0
    while unsafe read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { answer.append(byte) }
    return ["y", "yes"].contains(String(decoding: answer, as: UTF8.self).lowercased())
  }
}
