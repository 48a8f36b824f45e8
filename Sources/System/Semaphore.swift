internal import Glibc

/// A semaphore between two threads. The C functions are those of `sem_overview(7)`.
@safe package final class Semaphore: Sendable {
  private nonisolated(unsafe) let semaphore: UnsafeMutablePointer<sem_t>

  package init() {
    unsafe semaphore = .allocate(capacity: 1)
    unsafe semaphore.initialize(to: sem_t())
    unsafe _ = sem_init(semaphore, 0, 0)
  }

  deinit {
    unsafe _ = sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  package func signal() { unsafe _ = sem_post(semaphore) }

  package func wait() { while unsafe sem_wait(semaphore) != 0 {} }

  /// Takes a signal if there is one, and returns whether there was.
  package func take() -> Bool { unsafe sem_trywait(semaphore) == 0 }
}
