internal import CGlibc
internal import Glibc

/// What a process asks the system for at its start.
package enum ProcessSetup {
  /// Makes new files the owner's alone, keeps secrets in memory from other processes, and has memory
  /// kept that was freed.
  package static func apply() {
    umask(0o077)
    hideMemory()
    // An `UPDATE` in a trigger takes a hundred kilobytes and gives them back for each row, and most
    // of the time of a prune went into asking the system for them again.
    _ = regctl_mallopt(regctl_M_TRIM_THRESHOLD, 64 << 20)
  }

  /// Has no core file written, and no other process of the user look into this one's memory.
  ///
  /// Root and a debugger that was there before still can. See PR_SET_DUMPABLE in prctl(2).
  static func hideMemory() {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    _ = regctl_prctl(PR_SET_DUMPABLE, 0)
  }
}
