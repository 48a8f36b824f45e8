internal import Glibc

/// Starts a thread, which owns what it runs.
package final class ThreadStart: Sendable {
  private let body: @Sendable () -> Void

  package init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  /// Starts the thread and returns whether that succeeded. The C function is `pthread_create`.
  package func start() -> Bool {
    var thread = pthread_t()
    let owned = unsafe Unmanaged.passRetained(self).toOpaque()
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, owned)
    guard code == 0 else {
      unsafe Unmanaged<ThreadStart>.fromOpaque(owned).release()
      return false
    }
    _ = pthread_detach(thread)
    return true
  }
}
