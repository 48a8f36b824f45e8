internal import Glibc
internal import RegctlCore
internal import System

/// The person's terminal: whether there is one, and questions asked on it.
struct Terminal {
  let outputIsTerminal: Bool
  let errorIsTerminal: Bool

  /// Whether standard error goes to the journal of systemd, which is told how urgent each line is.
  let errorIsJournal: Bool

  /// Asks for a secret on `/dev/tty` without showing it; `nil` when there is no terminal.
  let readSecret: (_ prompt: String) -> SecretReading

  /// Asks a question that is answered by yes or no; `nil` when there is no terminal.
  let confirm: (_ question: String) -> Bool?

  /// How asking for a secret went.
  enum SecretReading {
    case entered([UInt8])
    case noTerminal
  }

  /// The terminal as it is; `journal` is the value of `JOURNAL_STREAM`.
  static func live(journal: String?) -> Terminal {
    Terminal(
      outputIsTerminal: isatty(STDOUT_FILENO) == 1, errorIsTerminal: isatty(STDERR_FILENO) == 1,
      errorIsJournal: isJournal(STDERR_FILENO, journal),
      readSecret: { prompt in SecretPrompt(prompt).read() },
      confirm: { question in ask(question) })
  }

  /// Whether a descriptor is the stream that `JOURNAL_STREAM` names. See systemd.exec(5).
  private static func isJournal(_ descriptor: Int32, _ stream: String?) -> Bool {
    var status = stat()
    guard let stream, unsafe fstat(descriptor, &status) == 0 else { return false }
    return stream == "\(status.st_dev):\(status.st_ino)"
  }

  /// Asks on `/dev/tty`; only `y` and `yes` are yes, typed after the question is there.
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

/// One question on `/dev/tty` with the echo off.
///
/// While it is off, the signals that end or stop a process wait until it is on again: a person who
/// presses Ctrl-C or Ctrl-Z gets the terminal back as it was.
private struct SecretPrompt {
  private let prompt: String

  /// Longer input is cut here; every password of this length is refused anyway.
  private static let maximumByteCount = 1024
  private static let deferredSignals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

  init(_ prompt: String) { self.prompt = prompt }

  func read() -> Terminal.SecretReading {
    let descriptor = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { return .noTerminal }
    defer { _ = close(descriptor) }
    var settings = termios()
    guard unsafe tcgetattr(descriptor, &settings) == 0 else { return .noTerminal }
    while true {
      // After a stop and `fg`, the question is asked anew.
      if let entered = readOnce(descriptor, settings: settings) { return .entered(entered) }
    }
  }

  /// Reads a line, or returns `nil` when a signal interrupted that and did not end the process.
  private func readOnce(_ descriptor: Int32, settings: termios) -> [UInt8]? {
    var deferred = sigset_t()
    var previous = sigset_t()
    unsafe sigemptyset(&deferred)
    for signal in Self.deferredSignals { unsafe sigaddset(&deferred, signal) }
    unsafe sigprocmask(SIG_BLOCK, &deferred, &previous)
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO)
    silent.c_lflag |= tcflag_t(ECHONL)
    unsafe tcsetattr(descriptor, TCSAFLUSH, &silent)
    defer {
      var original = settings
      unsafe tcsetattr(descriptor, TCSAFLUSH, &original)
      // A signal that waited is delivered here, and ends the process by its own hand.
      unsafe sigprocmask(SIG_SETMASK, &previous, nil)
    }
    try? File.write(Array(prompt.utf8), to: descriptor, path: "/dev/tty")
    var line: [UInt8] = []
    line.reserveCapacity(Self.maximumByteCount)
    var byte: UInt8 = 0
    while true {
      if isSignalPending() {
        try? File.write([UInt8(ascii: "\n")], to: descriptor, path: "/dev/tty")
        SecretBytes.wipe(&line)
        return nil
      }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&waiting, 1, 50) > 0 else { continue }
      let count = unsafe Glibc.read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1, byte != UInt8(ascii: "\n") else { return line }
      if line.count < Self.maximumByteCount { line.append(byte) }
    }
  }

  private func isSignalPending() -> Bool {
    var pending = sigset_t()
    unsafe sigpending(&pending)
    return Self.deferredSignals.contains { unsafe sigismember(&pending, $0) == 1 }
  }
}
