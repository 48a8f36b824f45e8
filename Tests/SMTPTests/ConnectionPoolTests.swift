import Testing

@testable import SMTP

@Suite("ConnectionPool") struct ConnectionPoolTests: ConnectionPoolSuite {
  // MARK: Mails

  @Test func `a mail is sent to the server`() throws {
    let server = try ScriptedServer()
    let pool = pool(to: server.port)
    #expect(deliver(mails(7...7), through: pool) == accepted(7...7))
    #expect(server.mails == ["Mail 7\n"])
  }

  @Test(arguments: [["PIPELINING"], []])
  func `many mails are sent over one connection in order`(_ offers: [String]) throws {
    let server = try ScriptedServer(offering: offers)
    let pool = pool(to: server.port)
    #expect(deliver(mails(1...20), through: pool) == accepted(1...20))
    #expect(server.connectionCount == 1)
    #expect(server.mails == (1...20).map { "Mail \($0)\n" })
  }

  @Test(arguments: [["PIPELINING"], []])
  func `mails are distributed over several connections, each sent once`(_ offers: [String]) throws {
    let server = try ScriptedServer(offering: offers)
    let pool = pool(to: server.port, connections: 4)
    #expect(deliver(mails(1...40), through: pool).count == 40)
    #expect(server.hasConnections(4))
    #expect(server.mails.sorted() == (1...40).map { "Mail \($0)\n" }.sorted())
  }

  @Test(arguments: [["PIPELINING"], []])
  func `no more mails are uncertain than connections and two`(_ offers: [String]) throws {
    let server = try ScriptedServer(offering: offers)
    let pool = pool(to: server.port, connections: 4)
    var waiting = mails(1...300)[...]
    var known = 0
    let patience = ContinuousClock.now + .seconds(20)
    while known < 300, ContinuousClock.now < patience {
      pool.open(for: waiting.count)
      while pool.wantsMail, let envelope = waiting.popFirst() { pool.submit(envelope) }
      let results = pool.step(until: .now + .milliseconds(100)).count
      // What the server has accepted, and a process that is killed now has not recorded.
      #expect(server.mails.count - known <= 6)
      known += results
    }
    #expect(known == 300)
  }

  @Test(arguments: [(1, 1), (2, 2)] as [(Int64, Int)])
  func `there are no more connections than mails`(_ count: Int64, expected: Int) throws {
    let server = try ScriptedServer()
    let pool = pool(to: server.port, connections: 4)
    _ = deliver(mails(1...count), through: pool)
    #expect(server.connectionCount <= expected)
  }

  @Test func `a refused mail does not delay the others`() throws {
    let server = try ScriptedServer { _, line in
      line == "RCPT TO:<bob2@y.org>" ? .say("550 no such user") : nil
    }
    let events = deliver(mails(1...3), through: pool(to: server.port))
    #expect(
      events == accepted(1...1) + [.completed(id: 2, .refused("550 no such user"))]
        + accepted(3...3))
  }

  @Test func `an idle step waits until its limit`() throws {
    let pool = pool(to: 9)
    #expect(pool.step(until: .now).isEmpty)
    #expect(!pool.wantsMail)
  }

  @Test func `a large mail arrives complete`() throws {
    let server = try ScriptedServer()
    let line = String(repeating: "x", count: 998) + "\n"
    let content = String(repeating: line, count: 1000)
    let events = deliver([.mail(1, content: content)], through: pool(to: server.port))
    #expect(events == accepted(1...1))
    #expect(server.mails == [content])
  }

  @Test func `a queued mail can be recalled`() throws {
    let server = try ScriptedServer { _, line in line.hasPrefix("MAIL") ? .fallSilent : nil }
    let pool = pool(to: server.port)
    while !pool.wantsMail {
      pool.open(for: 2)
      try #require(pool.step(until: .now + .seconds(5)).isEmpty)
    }
    for mail in mails(1...2) { pool.submit(mail) }
    pool.recall()
    #expect(pool.step(until: .now) == [.returned(id: 2)])
    pool.recall()
    #expect(pool.step(until: .now).isEmpty)
  }

  @Test func `recall sends QUIT on idle connections`() throws {
    let server = try ScriptedServer { _, line in line.hasPrefix("RCPT") ? .fallSilent : nil }
    let pool = pool(to: server.port, connections: 2)
    pool.open(for: 1)
    while !pool.wantsMail { _ = pool.step(until: .now + .seconds(5)) }
    pool.submit(.mail(1))
    pool.open(for: 1)
    // The second connection has no mail while the first has one.
    while !server.hasConnections(2) || pool.wantsMail == false {
      try #require(pool.step(until: .now + .seconds(5)).isEmpty)
    }
    pool.recall()
    while !server.lines.contains(where: { $0.last == "QUIT" }) {
      _ = pool.step(until: .now + .milliseconds(10))
    }
    #expect(server.lines.count { $0.last == "QUIT" } == 1)
  }

  @Test func `a mail refused before sending leaves the connection unchanged`() throws {
    let server = try ScriptedServer(offering: ["SIZE 100"])
    let pool = pool(to: server.port, limit: Self.shortLimit)
    _ = deliver([.mail(1, content: String(repeating: "x", count: 101))], through: pool)
    let end = ContinuousClock.now + Self.shortLimit + .milliseconds(100)
    while ContinuousClock.now < end { _ = pool.step(until: end) }
    #expect(deliver(mails(2...2), through: pool) == accepted(2...2))
    #expect(server.connectionCount == 1)
  }

  // MARK: Uncertain results

  @Test func `no mail is ended while too many results are not recorded`() throws {
    let server = try ScriptedServer()
    let pool = pool(to: server.port, connections: 1)
    #expect(pool.maximumUncertain == 3)
    pool.open(for: 1)
    while !pool.wantsMail { _ = pool.step(until: .now + .seconds(5)) }
    pool.submit(.mail(1))
    let end = ContinuousClock.now + .milliseconds(200)
    while ContinuousClock.now < end {
      #expect(pool.step(until: .now + .milliseconds(10), unrecorded: 3).isEmpty)
    }
    #expect(server.mails.isEmpty)
    var events: [ConnectionPool.Event] = []
    while events.isEmpty { events = pool.step(until: .now + .seconds(5), unrecorded: 2) }
    #expect(events.count == 1)
    #expect(server.mails.count == 1)
  }

  // MARK: Closing

  @Test func `a connection that is still being opened is ended with QUIT, too`() throws {
    let server = try ScriptedServer { connection, line in
      connection > 0 && line.hasPrefix("EHLO") ? .sayLate("250 mx.y.org", 300) : nil
    }
    let pool = pool(to: server.port, connections: 2)
    #expect(deliver(mails(1...4), through: pool).count == 4)
    try #require(server.hasConnections(2))
    // Its greeting has been read when EHLO arrives.
    while !server.lines.allSatisfy({ !$0.isEmpty }) {
      _ = pool.step(until: .now + .milliseconds(10))
    }
    pool.close()
    #expect(server.lines.map(\.last) == ["QUIT", "QUIT"])
  }

  @Test func `every connection is ended with QUIT`() throws {
    let server = try ScriptedServer()
    let pool = pool(to: server.port, connections: 2)
    _ = deliver(mails(1...10), through: pool)
    pool.close()
    let used = server.lines.filter { $0.contains("DATA") }
    #expect(!used.isEmpty)
    #expect(used.allSatisfy { $0.last == "QUIT" })
  }

  @Test(arguments: [ScriptedServer.Answer.hangUp, .say("what?"), .say("550 no"), .fallSilent])
  func `the reply to QUIT is ignored`(_ answer: ScriptedServer.Answer) throws {
    let server = try ScriptedServer { _, line in line == "QUIT" ? answer : nil }
    let pool = pool(to: server.port, limit: Self.shortLimit)
    let events = deliver(mails(1...1), through: pool)
    pool.close()
    #expect(events == accepted(1...1))
    #expect(pool.fault == nil)
  }

  @Test func `the wait for the reply to QUIT is limited`() throws {
    let server = try ScriptedServer { _, line in line == "QUIT" ? .fallSilent : nil }
    let pool = pool(to: server.port, limit: .seconds(600))
    _ = deliver(mails(1...1), through: pool)
    let start = ContinuousClock.now
    pool.close(by: start + .milliseconds(100))
    #expect(ContinuousClock.now - start >= .milliseconds(100))
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func `a pool that never opened closes at once`() {
    let pool = pool(to: 9)
    pool.close()
    #expect(pool.fault == nil)
  }

  // MARK: Additional connection refused

  @Test(arguments: [
    ScriptedServer.Answer.say("421 too many connections"), .say("554 no"), .hangUp, .say("what?"),
  ])
  func `a connection refused beside a working one is ignored`(
    _ answer: ScriptedServer.Answer
  ) throws {
    let server = try ScriptedServer { number, line in
      number > 0 && line == "connect" ? answer : nil
    }
    let pool = pool(to: server.port, connections: 2)
    let events = deliver(mails(1...20), through: pool)
    #expect(events == accepted(1...20))
    #expect(pool.fault == nil)
    #expect(server.hasConnections(2))
  }

  @Test func `a server that accepts one connection gets all mails over it`() throws {
    let server = try ScriptedServer(connectionLimit: 1)
    let pool = pool(to: server.port, connections: 4)
    #expect(deliver(mails(1...20), through: pool) == accepted(1...20))
    #expect(pool.fault == nil)
  }

  // MARK: Observer

  @Test func `the observer gets each step`() throws {
    let server = try ScriptedServer(offering: [])
    var steps: [String] = []
    let pool = pool(to: server.port) { step in
      switch step {
      case .resolved(let addresses): steps.append("resolved \(addresses.joined(separator: " "))")
      case .connected(let address): steps.append("connected \(address)")
      case .secured: steps.append("secured")
      case .replied(let verb, let reply): steps.append("\(verb.rawValue) \(reply.code)")
      }
    }
    _ = deliver(mails(1...1), through: pool)
    pool.close()
    #expect(
      steps == [
        "resolved 127.0.0.1", "connected 127.0.0.1 port \(server.port)", "greeting 220", "EHLO 250",
        "MAIL 250", "RCPT 250", "DATA 354", "end of mail 250", "QUIT 221",
      ])
  }
}
