internal import CSQLite
internal import SQL
internal import Synchronization
internal import System

/// Syncs the write-ahead log of a connection in a thread of its own, while the connection goes on.
///
/// The thread calls nothing but the `xSync` of the log's file, one call at a time. It uses only the
/// file's descriptor (`unixSync` in os_unix.c), which is not closed before `end`.
final class LogSync {
  /// What the two threads share.
  @safe private final class Work: Sendable {
    nonisolated(unsafe) let file: UnsafeMutablePointer<sqlite3_file>
    let requests = Semaphore()
    let answers = Semaphore()
    let code = Atomic<Int32>(SQLITE_OK)
    let isEnding = Atomic<Bool>(false)

    init(_ file: UnsafeMutablePointer<sqlite3_file>) { unsafe self.file = file }

    func sync() {
      let code = unsafe file.pointee.pMethods?.pointee.xSync(file, SQLITE_SYNC_NORMAL)
      self.code.store(code ?? SQLITE_IOERR, ordering: .releasing)
      answers.signal()
    }

    func run() {
      while true {
        requests.wait()
        if isEnding.load(ordering: .acquiring) { return answers.signal() }
        sync()
      }
    }
  }

  private let work: Work
  private let hasThread: Bool
  private var isRunning = false

  /// Whether the answer was taken from the other thread already.
  private var isAnswered = false

  init(of file: UnsafeMutablePointer<sqlite3_file>) {
    let work = unsafe Work(file)
    self.work = work
    hasThread = ThreadStart { work.run() }.start()
  }

  /// Begins to sync what is written now; the one before must have been awaited.
  func start() {
    isRunning = true
    isAnswered = false
    if hasThread { work.requests.signal() } else { work.sync() }
  }

  /// Whether `await` would not wait.
  var isDone: Bool {
    if isRunning, !isAnswered { isAnswered = work.answers.take() }
    return !isRunning || isAnswered
  }

  /// Waits until what `start` began is done.
  func await() throws(DatabaseError) {
    guard isRunning else { return }
    if !isAnswered { work.answers.wait() }
    isRunning = false
    let code = work.code.load(ordering: .acquiring)
    if code != SQLITE_OK {
      throw .inputOutput(detail: unsafe String(cString: sqlite3_errstr(code)))
    }
  }

  /// Ends the thread, after what it is doing.
  func end() {
    try? self.await()
    guard hasThread else { return }
    work.isEnding.store(true, ordering: .releasing)
    work.requests.signal()
    work.answers.wait()
  }
}
