import Testing

@testable import SMTP

/// The results of mails with a server that fails or loses connections.
@Suite("ConnectionPool, faults") struct ConnectionPoolFaultTests: ConnectionPoolSuite {
  // MARK: No connection

  @Test func `a refused connection stops everything`() throws {
    let port = try LoopbackListener().port
    let pool = pool(to: port)
    let reason = "127.0.0.1:\(port): cannot connect: Connection refused"
    #expect(deliver(mails(1...3), through: pool) == [.failed(reason: reason)])
    #expect(pool.fault == reason)
    #expect(!pool.wantsMail)
  }

  @Test func `an unknown name stops everything`() throws {
    let events = deliver(mails(1...3), through: pool(to: 25, name: "no such name"))
    #expect(failures(events).first?.hasPrefix("no such name:25: cannot find no such name") ?? false)
    #expect(events.count == 1)
  }

  @Test func `nothing is sent unencrypted to another host`() {
    let events = deliver(mails(1...1), through: pool(to: 25, name: "203.0.113.9"))
    #expect(
      events == [
        .failed(
          reason: "203.0.113.9:25: 203.0.113.9 is not this machine, "
            + "and mail_security = none is for that only")
      ])
  }

  @Test(arguments: ["connect", "EHLO [127.0.0.1]"], ["550 no", "hello", "354 go", "421 busy"])
  func `a server that rejects the session stops everything`(_ step: String, reply: String) throws {
    let server = try ScriptedServer { _, line in line == step ? .say(reply) : nil }
    let events = deliver(mails(1...3), through: pool(to: server.port))
    #expect(events.count == 1)
    #expect(failures(events).count == 1)
    #expect(server.connectionCount == 1)
  }

  @Test(arguments: ["connect", "EHLO [127.0.0.1]"])
  func `a server that disconnects before it accepts mail stops everything`(_ step: String) throws {
    let server = try ScriptedServer { _, line in line == step ? .hangUp : nil }
    let events = deliver(mails(1...3), through: pool(to: server.port))
    #expect(failures(events).count == 1)
    #expect(server.connectionCount == 1)
  }

  @Test func `a server that always disconnects when ready is given up`() throws {
    let server = try ScriptedServer { _, line in
      line.hasPrefix("EHLO") ? .sayAndHangUp("250 mx") : nil
    }
    let pool = pool(to: server.port)
    // No mail is in time.
    while pool.fault == nil, server.connectionCount <= 20 {
      pool.open(for: 1)
      _ = pool.step(until: .now + .seconds(5))
    }
    #expect(pool.fault?.contains("the server closed the connection") ?? false)
  }

  // MARK: TLS

  @Test func `a server without the expected TLS stops everything`() throws {
    let server = try ScriptedServer()
    let pool = pool(to: server.port, security: .implicitTLS)
    let events = deliver(mails(1...1), through: pool)
    #expect(failures(events).first?.contains("TLS") ?? false)
    #expect(events.count == 1)
  }

  @Test func `a server that sends plain text after STARTTLS stops everything`() throws {
    let server = try ScriptedServer(offering: ["STARTTLS"]) { _, line in
      if line == "STARTTLS" { return .say("220 go") }
      return line.hasPrefix("EHLO") || line == "connect" ? nil : .say("500 what")
    }
    let pool = pool(to: server.port, security: .startTLS)
    let events = deliver(mails(1...1), through: pool)
    #expect(failures(events).first?.contains("TLS") ?? false)
    #expect(events.count == 1)
  }

  @Test func `unreadable authorities stop everything`() throws {
    let pool = ConnectionPool(
      to: Server(
        name: "127.0.0.1", port: 9, security: .implicitTLS, authorities: "/nowhere",
        timeLimit: .seconds(10)),
      credentials: nil, connectionLimit: 1)
    #expect(
      deliver(mails(1...1), through: pool) == [
        .failed(reason: "127.0.0.1:9: no certificate authorities in /nowhere")
      ])
  }

  // MARK: Time limits

  @Test(arguments: ["connect", "EHLO [127.0.0.1]"])
  func `a timeout before the server accepts mail stops everything`(_ step: String) throws {
    let server = try ScriptedServer { _, line in line == step ? .fallSilent : nil }
    let events = deliver(
      mails(1...1), through: pool(to: server.port, limit: Self.shortLimit))
    let name = step == "connect" ? "greeting" : "EHLO"
    #expect(
      events == [
        .failed(reason: "127.0.0.1:\(server.port): no answer within 0.3 seconds, at \(name)")
      ])
  }

  @Test(arguments: [
    ("MAIL FROM:<ann@x.org>", "MAIL", []), ("RCPT TO:<bob1@y.org>", "RCPT", ["PIPELINING"]),
    ("DATA", "DATA", []), (".", "end of mail", ["PIPELINING"]),
  ])
  func `a timeout during a mail loses it`(_ line: String, verb: String, offers: [String]) throws {
    let server = try ScriptedServer(offering: offers) { _, heard in
      heard == line ? .fallSilent : nil
    }
    let events = deliver(
      mails(1...1), through: pool(to: server.port, limit: Self.shortLimit))
    let reason = "127.0.0.1:\(server.port): no answer within 0.3 seconds, at \(verb)"
    #expect(events == [.lost(id: 1, reason: reason, afterFinalDot: line == ".")])
  }

  @Test func `a timeout in the handshake stops everything`() throws {
    let server = try ScriptedServer { _, _ in .fallSilent }
    let events = deliver(
      mails(1...1),
      through: pool(to: server.port, security: .implicitTLS, limit: Self.shortLimit))
    #expect(
      events == [
        .failed(
          reason: "127.0.0.1:\(server.port): no answer within 0.3 seconds, at the TLS handshake")
      ])
  }

  @Test func `a server that stops reading a mail loses it`() throws {
    let server = try ScriptedServer { _, line in
      line == "DATA" ? .sayAndStopReading("354 go") : nil
    }
    let content = String(repeating: "x", count: 4_500_000)
    let events = deliver(
      [.mail(1, content: content)], through: pool(to: server.port, limit: Self.shortLimit))
    let reason =
      "127.0.0.1:\(server.port): no answer within 0.3 seconds, at end of mail"
    #expect(events == [.lost(id: 1, reason: reason, afterFinalDot: false)])
  }

  @Test(arguments: ["connect", "MAIL FROM:<ann@x.org>", "."])
  func `a slow reply has the time limit of one step`(_ step: String) throws {
    let server = try ScriptedServer { _, line in
      line == step ? .drip("250 " + String(repeating: "x", count: 200)) : nil
    }
    let events = deliver(
      mails(1...1), through: pool(to: server.port, limit: Self.shortLimit))
    #expect(events.count == 1)
  }

  @Test(arguments: [["PIPELINING"], []])
  func `a server that is slow at every step has the time limit of a mail`(
    _ offers: [String]
  ) throws {
    let server = try ScriptedServer(offering: offers) { _, line in
      switch line.prefix(4) {
      case "MAIL", "RCPT": .sayLate("250 ok", 60)
      case "DATA": .sayLate("354 go", 60)
      default: nil
      }
    }
    let pool = pool(to: server.port, mailLimit: .milliseconds(100))
    let events = deliver(mails(1...1), through: pool)
    guard case .lost(1, let reason, false) = try #require(events.first) else {
      Issue.record("\(events)")
      return
    }
    #expect(
      reason.hasPrefix("127.0.0.1:\(server.port): the mail was not sent within 0.1 seconds, at "))
    #expect(events.count == 1)
    #expect(server.mails.isEmpty)
  }

  @Test func `each mail has its own time limit`() throws {
    let server = try ScriptedServer { _, line in line == "DATA" ? .sayLate("354 go", 30) : nil }
    let pool = pool(to: server.port, mailLimit: .milliseconds(1500))
    // Together they take longer than the limit.
    #expect(deliver(mails(1...60), through: pool) == accepted(1...60))
  }

  @Test func `the reply to the final dot has the time limit of a step`() throws {
    let server = try ScriptedServer { _, line in line == "." ? .sayLate("250 queued", 600) : nil }
    let pool = pool(to: server.port, mailLimit: .milliseconds(500))
    #expect(deliver(mails(1...2), through: pool) == accepted(1...2))
  }

  // MARK: Closing

  /// The results of two mails when connections are closed while the first waits for a reply.
  private func eventsOfCutting(
    at line: String, mails: ClosedRange<Int64> = 1...2
  ) throws -> [ConnectionPool.Event] {
    let server = try ScriptedServer { _, heard in heard == line ? .fallSilent : nil }
    let pool = pool(to: server.port)
    pool.open(for: 2)
    while !pool.wantsMail { _ = pool.step(until: .now + .seconds(5)) }
    for mail in self.mails(mails) { pool.submit(mail) }
    // After the server has read the line; it then never replies.
    let end = ContinuousClock.now + .milliseconds(200)
    while ContinuousClock.now < end { _ = pool.step(until: end) }
    pool.cut("cut off")
    let events = pool.step(until: .now)
    #expect(pool.fault == nil)
    #expect(!pool.wantsMail)
    return events.map { event in
      guard case .lost(let id, let reason, let afterFinalDot) = event else { return event }
      return .lost(
        id: id, reason: reason.split(separator: ": ").last.map(String.init) ?? "",
        afterFinalDot: afterFinalDot)
    }
  }

  @Test func `a mail cut before its final dot is lost, and the queued one is returned`() throws {
    #expect(
      try eventsOfCutting(at: "RCPT TO:<bob1@y.org>") == [
        .lost(id: 1, reason: "cut off, at RCPT", afterFinalDot: false), .returned(id: 2),
      ])
  }

  @Test func `a mail cut after its final dot may have been accepted`() throws {
    #expect(
      try eventsOfCutting(at: ".", mails: 1...1) == [
        .lost(id: 1, reason: "cut off, at end of mail", afterFinalDot: true)
      ])
  }

  @Test func `closed connections are not counted as lost`() throws {
    let server = try ScriptedServer { _, line in line.hasPrefix("MAIL") ? .fallSilent : nil }
    let pool = pool(to: server.port, connections: 12)
    var waiting = mails(1...12)
    while !waiting.isEmpty {
      pool.open(for: waiting.count)
      while pool.wantsMail, let mail = waiting.popLast() { pool.submit(mail) }
      _ = pool.step(until: .now + .milliseconds(10))
    }
    pool.cut("cut off")
    #expect(pool.step(until: .now).count == 12)
    #expect(pool.fault == nil)
  }

  @Test func `connections being opened are closed too`() throws {
    let server = try ScriptedServer { _, line in line == "connect" ? .fallSilent : nil }
    let pool = pool(to: server.port)
    pool.open(for: 1)
    _ = pool.step(until: .now + .milliseconds(50))
    pool.cut("cut off")
    #expect(pool.step(until: .now).isEmpty)
    #expect(pool.fault == nil)
  }

  // MARK: Losses

  @Test(arguments: [
    ("MAIL FROM:<ann@x.org>", false), ("RCPT TO:<bob1@y.org>", false), ("DATA", false), (".", true),
  ])
  func `a connection lost during a mail loses the mail`(
    _ line: String, afterFinalDot: Bool
  ) throws {
    for offers in [["PIPELINING"], []] {
      let server = try ScriptedServer(offering: offers) { _, heard in heard == line ? .hangUp : nil
      }
      let events = deliver(mails(1...1), through: pool(to: server.port))
      guard case .lost(1, let reason, afterFinalDot) = try #require(events.first) else {
        Issue.record("\(events)")
        return
      }
      #expect(reason.contains("the server closed the connection, at "))
      #expect(events.count == 1)
    }
  }

  @Test func `the other mails are sent over another connection`() throws {
    let server = try ScriptedServer { _, line in line.hasPrefix("RCPT TO:<bob2@") ? .hangUp : nil }
    let events = deliver(mails(1...4), through: pool(to: server.port))
    let sent = events.compactMap { if case .completed(let id, _) = $0 { id } else { nil } }
    #expect(sent == [1, 3, 4])
    #expect(server.connectionCount == 2)
  }

  @Test(arguments: ["250 what?", "hello"])
  func `an invalid reply loses the mail`(_ reply: String) throws {
    let server = try ScriptedServer { _, line in line == "DATA" ? .say(reply) : nil }
    let events = deliver(mails(1...1), through: pool(to: server.port))
    guard case .lost(1, _, false) = try #require(events.first) else {
      Issue.record("\(events)")
      return
    }
    #expect(events.count == 1)
  }

  @Test func `a mail refused before its connection was lost stays refused`() throws {
    let server = try ScriptedServer { _, line in
      line.hasPrefix("RCPT") ? .sayAndHangUp("550 no such user") : nil
    }
    let events = deliver(mails(1...1), through: pool(to: server.port))
    #expect(events == [.completed(id: 1, .refused("550 no such user"))])
  }

  @Test(arguments: [["PIPELINING"], []])
  func `a server may disconnect after its last reply`(_ offers: [String]) throws {
    let server = try ScriptedServer(offering: offers) { _, line in
      line == "." ? .sayAndHangUp("250 queued") : nil
    }
    let events = deliver(mails(1...1), through: pool(to: server.port))
    #expect(events == accepted(1...1))
  }

  @Test func `a server may close with 421 after its last reply`() throws {
    let server = try ScriptedServer { _, line in
      line == "." ? .sayAndHangUp("250 queued\r\n421 enough") : nil
    }
    let events = deliver(mails(1...1), through: pool(to: server.port))
    #expect(events.first == accepted(1...1).first)
  }

  @Test func `ten consecutive losses are the server's fault`() throws {
    let server = try ScriptedServer { _, line in line.hasPrefix("MAIL") ? .hangUp : nil }
    let pool = pool(to: server.port)
    let events = deliver(mails(1...12), through: pool)
    let lost = events.compactMap { if case .lost(let id, _, _) = $0 { id } else { nil } }
    #expect(lost == Array(1...10))
    #expect(failures(events) == [pool.fault])
  }

  @Test func `an accepted mail ends a series of losses`() throws {
    let server = try ScriptedServer { _, line in
      line.hasPrefix("RCPT") && line != "RCPT TO:<bob10@y.org>" ? .hangUp : nil
    }
    let pool = pool(to: server.port)
    let events = deliver(mails(1...19), through: pool)
    #expect(events.count { if case .lost = $0 { true } else { false } } == 18)
    #expect(pool.fault == nil)
  }

  // MARK: 421

  @Test(arguments: ["MAIL FROM:<ann@x.org>", "RCPT TO:<bob1@y.org>", "DATA", "."])
  func `421 returns the mail and stops everything`(_ line: String) throws {
    for offers in [["PIPELINING"], []] {
      let server = try ScriptedServer(offering: offers) { _, heard in
        heard == line ? .sayAndHangUp("421 shutting down") : nil
      }
      let pool = pool(to: server.port)
      let reason = "127.0.0.1:\(server.port): the server is closing: 421 shutting down"
      let events = deliver(mails(1...1), through: pool)
      #expect(events == [.returned(id: 1), .failed(reason: reason)])
      #expect(pool.fault == reason)
    }
  }

  @Test func `421 also returns the queued mail`() throws {
    let server = try ScriptedServer { _, line in
      line == "." ? .sayAndHangUp("421 shutting down") : nil
    }
    let events = deliver(mails(1...3), through: pool(to: server.port))
    let returned = events.compactMap { if case .returned(let id) = $0 { id } else { nil } }
    #expect(returned.first == 1)
    #expect(returned.count + failures(events).count == events.count)
  }
}
