import Synchronization
import System
import Testing

@Suite("Semaphore") struct SemaphoreTests {
  @Test func `each signal is taken once`() {
    let semaphore = Semaphore()
    #expect(!semaphore.take())
    semaphore.signal()
    semaphore.signal()
    semaphore.wait()
    #expect(semaphore.take())
    #expect(!semaphore.take())
  }

  @Test func `a thread waits for the signal of another`() {
    let (asked, answered) = (Semaphore(), Semaphore())
    let number = Atomic<Int>(0)
    let isStarted = ThreadStart {
      for _ in 1...1000 {
        asked.wait()
        number.add(1, ordering: .relaxed)
        answered.signal()
      }
    }.start()
    #expect(isStarted)
    for count in 1...1000 {
      asked.signal()
      answered.wait()
      #expect(number.load(ordering: .relaxed) == count)
    }
  }
}
