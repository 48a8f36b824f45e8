import Foundation
import Testing

@testable import SMTP

@Suite("Resolver") struct ResolverTests {
  @Test(arguments: ["127.0.0.1", "::1", "203.0.113.9", "2001:db8::9"])
  func `a numeric address needs no lookup`(_ digits: String) throws {
    #expect(try Resolver.addresses(of: digits, port: 25, within: .zero).map(\.text) == [digits])
  }

  @Test func `a name is looked up`() throws {
    let addresses = try Resolver.addresses(of: "localhost", port: 25, within: .seconds(5))
    #expect(addresses.allSatisfy { $0.isLoopback })
    #expect(!addresses.isEmpty)
  }

  @Test func `concurrent lookups have separate answers`() async {
    await withTaskGroup { group in
      for number in 1...50 {
        group.addTask {
          let fault = #expect(throws: SessionFault.self) {
            try Resolver.addresses(of: "mx", port: number, within: .seconds(60)) { _, port in
              .failed(port % 2 == 0 ? EAI_NONAME : EAI_AGAIN)
            }
          }
          let words = number % 2 == 0 ? EAI_NONAME : EAI_AGAIN
          #expect(fault?.reason == "cannot find mx: \(String(cString: gai_strerror(words)))")
        }
      }
    }
  }

  @Test func `an unknown name is the server's fault`() throws {
    let fault = try #require(throws: SessionFault.self) {
      // No name contains a space, so no server is queried.
      try Resolver.addresses(of: "no such name", port: 25, within: .seconds(5))
    }
    #expect(fault.blame == .server)
    #expect(fault.reason.hasPrefix("cannot find no such name: "))
  }

  @Test func `a lookup past its time limit is abandoned`() throws {
    let (isOver, hasAnswered) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let fault = #expect(throws: SessionFault.self) {
      try Resolver.addresses(of: "mx", port: 25, within: .milliseconds(50)) { _, _ in
        isOver.wait()
        defer { hasAnswered.signal() }
        return .found([])
      }
    }
    #expect(fault == SessionFault(.server, "cannot find mx: no answer within 0.05 seconds"))
    // The abandoned thread still returns it.
    isOver.signal()
    hasAnswered.wait()
  }

  @Test(
    arguments: [
      (.zero, 0), (.milliseconds(1), 1), (.microseconds(1), 1), (.nanoseconds(1), 1),
      (.microseconds(1001), 2), (.seconds(60), 60_000), (.seconds(-5), 0),
      (.seconds(10_000_000), .max),
    ] as [(Duration, Int32)])
  func `a wait is rounded up to milliseconds`(_ duration: Duration, milliseconds: Int32) {
    #expect(duration.milliseconds == milliseconds)
  }
}
