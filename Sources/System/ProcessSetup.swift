internal import CGlibc
internal import Glibc

/// The process settings made at start.
package enum ProcessSetup {
  /// Restricts new files to the owner, hides the process's memory from other processes, keeps the
  /// numbers of closed standard streams, and makes the allocator keep freed memory.
  package static func apply() {
    umask(0o077)
    keepStandardStreams()
    hideMemory()
    // An `UPDATE` in a trigger allocates and frees a hundred kilobytes for each row; most of the
    // time of a prune was spent requesting them from the system again.
    _ = regctl_mallopt(regctl_M_TRIM_THRESHOLD, 64 << 20)
  }

  /// Keeps a file from getting the number of a standard stream that is closed: what is printed would
  /// be sent to the server whose socket has the number.
  ///
  /// In its place is an empty file that cannot be written: printing is still an error.
  static func keepStandardStreams() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number, which is this one.
      _ = unsafe open("/dev/null", O_RDONLY)
    }
  }

  /// Disables core files, and access of the user's other processes to this process's memory.
  ///
  /// Root, and a debugger attached earlier, still have access. See PR_SET_DUMPABLE in prctl(2).
  static func hideMemory() {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    _ = regctl_prctl(PR_SET_DUMPABLE, 0)
  }
}
