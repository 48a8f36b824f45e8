internal import CPQ

/// A message that the server sends beside its answers.
package struct Notice: Equatable, Sendable {
  /// `WARNING`, `NOTICE`, `INFO`, `LOG` or `DEBUG`.
  package let severity: String
  package let message: String

  /// Whether it is a warning.
  package var isWarning: Bool { severity == "WARNING" }
}

/// The notices of a connection; without it, libpq writes them to standard error.
@safe final class Notices {
  /// Older ones are dropped, since a loop may cause any number.
  private static let greatestCount = 100

  private let pq: UnsafePointer<regctl_libpq>
  private var collected: [Notice] = []

  /// The newest warning since `forgetWarning` was called.
  private(set) var warning: String?

  init(_ pq: UnsafePointer<regctl_libpq>) { unsafe self.pq = pq }

  /// Collects the notices of a connection, which this must outlive.
  func install(on connection: OpaquePointer) {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe _ = pq.pointee.PQsetNoticeReceiver(
      connection,
      { context, result in
        guard let context = unsafe context, let result = unsafe result else { return }
        unsafe Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().add(result)
      }, context)
  }

  private func add(_ result: OpaquePointer) {
    func field(_ code: Int32) -> String {
      unsafe CStrings.text(at: pq.pointee.PQresultErrorField(result, code))
    }
    let notice = Notice(
      severity: field(regctl_PG_DIAG_SEVERITY_NONLOCALIZED),
      message: field(regctl_PG_DIAG_MESSAGE_PRIMARY))
    if notice.isWarning { warning = notice.message }
    if collected.count == Self.greatestCount { collected.removeFirst() }
    collected.append(notice)
  }

  /// Returns the notices since the last call.
  func take() -> [Notice] {
    defer { collected = [] }
    return collected
  }

  /// Forgets the newest warning, which stays among the notices.
  func forgetWarning() { warning = nil }
}
