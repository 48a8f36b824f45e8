/// The right to deliver, which one process at a time has, until it gives it back or ends.
enum DeliveryRight: ~Copyable {
  case file(DeliveryLock)
  /// The right of a session on a server, and what gives it back.
  case session(release: () -> Void)

  /// Gives the right back.
  consuming func release() {
    switch consume self {
    case .file(let lock): lock.release()
    case .session(let release): release()
    }
  }
}
