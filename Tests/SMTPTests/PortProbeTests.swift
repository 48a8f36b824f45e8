import Testing

@testable import SMTP

@Suite("PortProbe") struct PortProbeTests {
  @Test func `open ports are told from others`() throws {
    let (first, second) = (try LoopbackListener(), try LoopbackListener())
    // No server listens on port 1.
    let answers = PortProbe.run(
      [first.port, 1, second.port], of: "127.0.0.1", within: .seconds(30))
    #expect(
      answers
        == PortProbe.Answers(open: [first.port, second.port], silent: [1], isLoopback: true))
  }

  @Test func `a server that is not found has no answers`() {
    #expect(PortProbe.run([25], of: "no such name", within: .seconds(30)) == nil)
  }

  @Test func `the time limit is for all ports together`() throws {
    // A listener whose queue is full does not answer.
    let listener = try LoopbackListener(backlog: 0)
    let clients = try (0..<4).map { _ in try SilentClient(port: listener.port) }
    let start = ContinuousClock.now
    let answers = PortProbe.run(
      [listener.port, 1], of: "127.0.0.1", within: .milliseconds(300))
    #expect(answers?.open == [])
    #expect(ContinuousClock.now - start < .seconds(3))
    withExtendedLifetime(clients) {}
  }
}
