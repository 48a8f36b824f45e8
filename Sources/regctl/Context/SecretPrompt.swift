internal import Glibc
internal import RegctlCore
internal import System

/// A prompt on `/dev/tty` with echo off.
///
/// Signals that terminate or stop the process are blocked until echo is on again, so that Ctrl-C
/// and Ctrl-Z leave the terminal in its original state.
struct SecretPrompt {
  private let prompt: String

  /// Longer input is truncated; a password of this length is rejected in any case.
  private static let maximumByteCount = 1024
  private static let deferredSignals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

  /// Creates a prompt with the text before the input.
  init(_ prompt: String) { self.prompt = prompt }

  /// Prompts on the controlling terminal of the process.
  func read() -> Terminal.SecretReading {
    let descriptor = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { return .noTerminal }
    defer { _ = close(descriptor) }
    var settings = termios()
    guard unsafe tcgetattr(descriptor, &settings) == 0 else { return .noTerminal }
    while true {
      // After a stop and `fg`, the prompt is repeated.
      if let entered = readOnce(descriptor, settings: settings) { return .entered(entered) }
    }
  }

  /// Reads a line, or returns `nil` after a signal that did not terminate the process.
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
      // A pending signal is delivered here, with its default action.
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
