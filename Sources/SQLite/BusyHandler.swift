internal import CSQLite
internal import Glibc

/// Waits for another process' lock, up to a deadline.
///
/// SQLite's own handler naps for fixed times of up to 100 ms: with many writers at once, the lock is
/// free while all of them sleep. These naps differ, so that somebody wakes soon, and grow, so that
/// those who wait leave the processor to the one who writes.
@safe final class BusyHandler {
  private let timeout: Int64
  private var deadline: Int64 = 0

  init(timeout: Duration) {
    // A year is for ever here, and nanoseconds of much more would not fit.
    let (seconds, attoseconds) = min(timeout, .seconds(31_536_000)).components
    self.timeout = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  /// Has a connection call this handler, which must outlive it.
  func install(on connection: OpaquePointer) {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe sqlite3_busy_handler(
      connection,
      { context, attempts in
        guard let context = unsafe context else { return 0 }
        let handler = unsafe Unmanaged<BusyHandler>.fromOpaque(context).takeUnretainedValue()
        return handler.wait(attempts: attempts) ? 1 : 0
      }, context)
  }

  /// Naps, unless the deadline has passed; the first attempt for a lock sets it.
  private func wait(attempts: Int32) -> Bool {
    let now = Self.monotonicNanoseconds()
    if attempts == 0 { deadline = now + timeout }
    guard now < deadline else { return false }
    let longest = min(Int64(4_000_000) << Int64(min(attempts, 4)), deadline - now)
    var nap = timespec(tv_sec: 0, tv_nsec: Int(Int64.random(in: longest / 8...longest)))
    unsafe nanosleep(&nap, nil)
    return true
  }

  private static func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
