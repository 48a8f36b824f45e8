internal import Glibc

/// Signals that are blocked and polled for, instead of terminating the process.
final class SignalWatch {
  private var signals = sigset_t()
  private var previous = sigset_t()

  /// Blocks some signals until `deinit`.
  init(_ numbers: [Int32]) {
    unsafe sigemptyset(&signals)
    for number in numbers { unsafe sigaddset(&signals, number) }
    unsafe sigprocmask(SIG_BLOCK, &signals, &previous)
  }

  deinit { unsafe sigprocmask(SIG_SETMASK, &previous, nil) }

  /// The next pending signal. The corresponding C function is `sigtimedwait`.
  func next() -> Int32? {
    var noTime = timespec()
    let signal = unsafe sigtimedwait(&signals, nil, &noTime)
    return signal > 0 ? signal : nil
  }
}
