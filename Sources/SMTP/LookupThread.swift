internal import Glibc
internal import Synchronization
internal import System

/// A lookup in a separate thread, which may outlive the waiting thread.
///
/// Each of the two threads owns the object, so the last one to end frees it. They share the answer,
/// guarded by a lock, and a pipe that wakes the waiting thread.
package final class LookupThread<Answer: Sendable>: Sendable {
  private let lookUp: @Sendable () -> Answer
  private let result = Mutex<Answer?>(nil)
  private let ends: (reading: Int32, writing: Int32)

  /// A lookup that is not started.
  package init(_ lookUp: @escaping @Sendable () -> Answer) {
    self.lookUp = lookUp
    var ends: [Int32] = [-1, -1]
    unsafe _ = pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    self.ends = (ends[0], ends[1])
  }

  deinit {
    _ = close(ends.reading)
    _ = close(ends.writing)
  }

  /// Runs the lookup and returns the answer, or `nil` if there is none within the limit.
  package func answer(within limit: Duration) -> Answer? {
    // Without a thread the limit cannot be enforced.
    guard ThreadStart({ self.run() }).start() else { return lookUp() }
    let deadline = ContinuousClock.now + limit
    while true {
      var waiting = pollfd(fd: ends.reading, events: Int16(POLLIN), revents: 0)
      let left = deadline - ContinuousClock.now
      let isAnswered = unsafe poll(&waiting, 1, left.milliseconds) > 0
      // Also read the result at the deadline: if `pipe` failed, nothing wakes this thread.
      if isAnswered || left <= .zero { return result.withLock { $0 } }
    }
  }

  private func run() {
    let answer = lookUp()
    result.withLock { $0 = answer }
    var done: UInt8 = 1
    unsafe _ = write(ends.writing, &done, 1)
  }
}
