internal import Glibc

/// Signals that are held until they are asked for, instead of ending the process.
final class SignalWatch {
  private var signals = sigset_t()
  private var previous = sigset_t()

  /// Holds some signals back from now on.
  init(_ numbers: [Int32]) {
    unsafe sigemptyset(&signals)
    for number in numbers { unsafe sigaddset(&signals, number) }
    unsafe sigprocmask(SIG_BLOCK, &signals, &previous)
  }

  deinit { unsafe sigprocmask(SIG_SETMASK, &previous, nil) }

  /// The next signal that waits. The corresponding C function is `sigtimedwait`.
  func next() -> Int32? {
    var noTime = timespec()
    let signal = unsafe sigtimedwait(&signals, nil, &noTime)
    return signal > 0 ? signal : nil
  }
}
