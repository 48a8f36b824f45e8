internal import Glibc

/// A child process, run to completion.
package enum ChildProcess {
  /// The exit status of a program.
  package enum Status: Equatable {
    case exited(Int32)
    case signalled(Int32)
    /// The time limit passed and the program was killed.
    case timedOut
  }

  /// The result of a program that has ended.
  package struct Ending {
    package let status: Status

    /// The beginning of its standard output and standard error.
    package let output: [UInt8]
  }

  /// Runs a program with an input, killing its process group when the time limit passes.
  ///
  /// The corresponding C function is `posix_spawn`. The program gets an empty signal mask and no
  /// descriptors other than the first three. Its first argument is the name by which it was called;
  /// errors also use it.
  package static func run(
    _ program: String, _ arguments: [String], input: [UInt8], outputLimit: Int,
    within limit: Duration
  ) throws(FileError) -> Ending {
    var inward: [Int32] = [-1, -1]
    var outward: [Int32] = [-1, -1]
    unsafe _ = pipe(&inward)
    unsafe _ = pipe(&outward)
    for end in inward + outward { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var open = Set(inward + outward)
    func shut(_ end: Int32) { if open.remove(end) != nil { _ = close(end) } }
    defer { for end in open { _ = close(end) } }

    let child = try spawn(program, arguments, input: inward[0], output: outward[1])
    shut(inward[0])
    shut(outward[1])
    _ = fcntl(inward[1], F_SETFL, O_NONBLOCK)
    _ = fcntl(outward[0], F_SETFL, O_NONBLOCK)

    let deadline = ContinuousClock.now + limit
    var unsent = input[...]
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    var status: Int32 = 0
    while true {
      if unsent.isEmpty { shut(inward[1]) }
      var ends = [
        pollfd(fd: outward[0], events: Int16(POLLIN), revents: 0),
        pollfd(fd: unsent.isEmpty ? -1 : inward[1], events: Int16(POLLOUT), revents: 0),
      ]
      // A program may close its output long before it ends.
      if !open.contains(outward[0]) { ends[0].fd = -1 }
      unsafe _ = poll(&ends, 2, open.contains(outward[0]) ? 20 : 1)
      if ends[1].revents != 0 {
        let count = unsafe unsent.withUnsafeBytes { bytes in
          unsafe write(inward[1], bytes.baseAddress, bytes.count)
        }
        if count > 0 { unsent = unsent.dropFirst(count) }
        // A program may close its input early; its exit code decides.
        if count < 0, errno != EAGAIN, errno != EINTR { unsent = [] }
      }
      let ended = unsafe waitpid(child, &status, WNOHANG)
      // The remaining output is read after the program ends, but not what its children still write.
      for _ in 0..<(ended == child ? 16 : 1) where open.contains(outward[0]) {
        let count = unsafe read(outward[0], &buffer, buffer.count)
        if count > 0 { output += buffer.prefix(min(count, outputLimit - output.count)) }
        if count == 0 { shut(outward[0]) }
      }
      if ended == child { return Ending(status: Self.status(of: status), output: output) }
      if ContinuousClock.now >= deadline {
        _ = kill(-child, SIGKILL)
        unsafe _ = waitpid(child, &status, 0)
        return Ending(status: .timedOut, output: output)
      }
    }
  }

  /// A program that reads what this process writes, and prints where this process prints.
  package struct Reader {
    /// What is written here is its input.
    package let descriptor: Int32
    fileprivate let child: pid_t

    /// Ends its input, and waits until it has ended.
    package func finish() {
      _ = close(descriptor)
      var status: Int32 = 0
      while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
    }
  }

  /// Starts a program that reads the output of this process. A terminal's interrupts are for the
  /// program alone from now on.
  package static func startReader(
    _ program: String, _ arguments: [String]
  ) throws(FileError) -> Reader {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw FileError(operation: "run", path: arguments[0], code: errno)
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { _ = close(ends[0]) }
    do throws(FileError) {
      let child = try spawn(program, arguments, input: ends[0], output: nil)
      _ = signal(SIGINT, SIG_IGN)
      return Reader(descriptor: ends[1], child: child)
    } catch {
      _ = close(ends[1])
      throw error
    }
  }

  /// Starts a program in a process group of its own; without an output it has this process's output
  /// and group.
  private static func spawn(
    _ program: String, _ arguments: [String], input: Int32, output: Int32?
  ) throws(FileError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    if let output {
      unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
      unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
    }
    var none = sigset_t()
    var ignored = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigemptyset(&ignored)
    for signal in [SIGPIPE, SIGXFSZ, SIGINT] { unsafe sigaddset(&ignored, signal) }
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &ignored)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let group = output == nil ? 0 : POSIX_SPAWN_SETPGROUP
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))
    var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer {
      for index in unsafe words.indices { unsafe free(words[index]) }
    }
    var child = pid_t()
    let code = unsafe posix_spawn(&child, program, &actions, &attributes, &words, environ)
    guard code == 0 else {
      throw FileError(operation: "run", path: arguments[0], code: code)
    }
    return child
  }

  private static func status(of status: Int32) -> Status {
    let signal = status & 0x7f
    return signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
  }
}
