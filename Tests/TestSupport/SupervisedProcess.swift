import Glibc

/// A shell script that runs a server until its owner, or the process of the tests, ends in any way.
///
/// The script prints a line when the server is ready, and ends when its standard input does: the
/// only writing end of that is here, and the system closes it with the process.
final class SupervisedProcess: Sendable {
  struct StartError: Error { let output: String }

  /// The first line of the script's output.
  let firstLine: String

  private let lifeline: Int32
  private let number: pid_t

  /// Starts a script, as another user if the tests run as root, who can start no PostgreSQL, and
  /// waits for its first line.
  init(_ script: String, _ arguments: [String], as user: String) throws {
    var input: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    pipe(&input)
    pipe(&output)
    for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let start =
      geteuid() == 0
      ? ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--init-groups", "--"] : []
    let words = start + ["/bin/sh", "-c", script, "sh"] + arguments
    number = try Self.spawn(words, input: input[0], output: output[1])
    close(input[0])
    close(output[1])
    lifeline = input[1]
    var text: [UInt8] = []
    var byte: UInt8 = 0
    while text.last != UInt8(ascii: "\n"), read(output[0], &byte, 1) == 1 { text.append(byte) }
    firstLine = String(decoding: text, as: UTF8.self)
    close(output[0])
  }

  deinit {
    close(lifeline)
    var status: Int32 = 0
    waitpid(number, &status, 0)
  }

  private static let environment = [
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TMPDIR=\(TemporaryDirectory.parent)",
  ]

  private static func spawn(_ words: [String], input: Int32, output: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // A group of its own, so that an interrupt at the terminal reaches the tests only.
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] =
      Self.environment.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var child = pid_t()
    let code = posix_spawn(&child, words[0], &actions, &attributes, &arguments, &environment)
    guard code == 0 else { throw StartError(output: "\(words[0]): error \(code)") }
    return child
  }
}
