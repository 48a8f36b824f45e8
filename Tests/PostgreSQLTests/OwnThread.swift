import Foundation

/// Work on a thread of its own, so that what waits for it cannot keep it from running.
final class OwnThread<Value: Sendable>: @unchecked Sendable {
  // Written before the semaphore is signalled, and read after that.
  private var result: Result<Value, any Error>?
  private let isDone = DispatchSemaphore(value: 0)

  init(_ work: @escaping @Sendable () throws -> Value) {
    Thread.detachNewThread {
      self.result = Result { try work() }
      self.isDone.signal()
    }
  }

  /// Waits for the work; called once.
  func value() throws -> Value {
    isDone.wait()
    guard let result else { throw CancellationError() }
    return try result.get()
  }
}
