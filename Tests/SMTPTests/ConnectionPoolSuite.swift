import Testing

@testable import SMTP

/// Support for suites about the pool.
protocol ConnectionPoolSuite {}

extension ConnectionPoolSuite {
  /// A limit for servers that do not answer.
  static var shortLimit: Duration { .milliseconds(300) }

  /// A pool for a test server.
  func pool(
    to port: Int, name: String = "127.0.0.1", security: Session.Security = .clear,
    limit: Duration = .seconds(10), mailLimit: Duration? = nil, connections: Int = 1,
    observer: ((Step) -> Void)? = nil
  ) -> ConnectionPool {
    ConnectionPool(
      to: Server(
        name: name, port: port, security: security, authorities: nil, timeLimit: limit,
        mailTimeLimit: mailLimit),
      credentials: nil, connectionLimit: connections, observer: observer)
  }

  /// Sends mails until each has a result or no more is accepted, and returns the events.
  ///
  /// Returned mails are sent again.
  func deliver(
    _ envelopes: [Envelope], through pool: ConnectionPool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> [ConnectionPool.Event] {
    var waiting = envelopes
    var inFlight: [Int64: Envelope] = [:]
    var events: [ConnectionPool.Event] = []
    let patience = ContinuousClock.now + .seconds(10)
    while !inFlight.isEmpty || (!waiting.isEmpty && pool.fault == nil) {
      guard ContinuousClock.now < patience else {
        Issue.record("there is no end to it", sourceLocation: sourceLocation)
        break
      }
      pool.open(for: waiting.count)
      while pool.wantsMail, !waiting.isEmpty {
        let envelope = waiting.removeFirst()
        inFlight[envelope.id] = envelope
        pool.submit(envelope)
      }
      for event in pool.step(until: .now + .milliseconds(100)) {
        events.append(event)
        switch event {
        case .completed(let id, _), .lost(let id, _, _): inFlight[id] = nil
        case .returned(let id):
          waiting.insert(contentsOf: [inFlight.removeValue(forKey: id)].compactMap { $0 }, at: 0)
        case .failed: break
        }
      }
    }
    return events
  }

  /// Mails, each to a recipient with its number.
  func mails(_ ids: ClosedRange<Int64>) -> [Envelope] {
    ids.map { .mail($0, to: "bob\($0)@y.org") }
  }

  /// The events that report the server as unavailable.
  func failures(_ events: [ConnectionPool.Event]) -> [String] {
    events.compactMap { if case .failed(let reason) = $0 { reason } else { nil } }
  }

  /// The events of mails accepted in order.
  func accepted(_ ids: ClosedRange<Int64>) -> [ConnectionPool.Event] {
    ids.map { .completed(id: $0, .accepted("250 queued")) }
  }
}
