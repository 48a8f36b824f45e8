import Glibc
import Testing

@testable import SMTP

@Suite("SocketAddress") struct SocketAddressTests {
  private func address(_ digits: String) throws -> SocketAddress {
    try #require(try Resolver.addresses(of: digits, port: 25, within: .seconds(5)).first)
  }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1"), ("203.0.113.9", "203.0.113.9"), ("::1", "::1"),
    ("2001:DB8:0:0::9", "2001:db8::9"), ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
  ])
  func `an address is written in digits`(_ digits: String, text: String) throws {
    #expect(try address(digits).text == text)
  }

  @Test(arguments: [("203.0.113.9", "[203.0.113.9]"), ("2001:db8::9", "[IPv6:2001:db8::9]")])
  func `EHLO has an address in brackets`(_ digits: String, literal: String) throws {
    #expect(try address(digits).literal == literal)
  }

  @Test(arguments: ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:127.9.9.9"])
  func `loopback addresses are recognised`(_ digits: String) throws {
    #expect(try address(digits).isLoopback)
  }

  @Test(arguments: [
    "128.0.0.1", "126.255.255.255", "10.0.0.127", "0.0.0.0", "::", "::2", "::127.0.0.1",
    "2001:db8::1", "7f00::1", "::ffff:10.0.0.1", "::fffe:127.0.0.1", "fe80::1",
  ])
  func `other addresses are not loopback`(_ digits: String) throws {
    #expect(try !address(digits).isLoopback)
  }

  @Test(arguments: ["127.0.0.1", "::1", "2001:db8::9", "::ffff:1.2.3.4"])
  func `a numeric address is recognised`(_ name: String) {
    #expect(SocketAddress.isAddress(name))
  }

  @Test(arguments: [
    "", "localhost", "mx.example.org", "1.2.3", "127.1", "1.2.3.256", "01.2.3.4x", "[::1]",
    "::1%lo",
    "1.2.3.4:25",
  ])
  func `anything else is a host name`(_ name: String) {
    #expect(!SocketAddress.isAddress(name))
  }

  @Test func `a connected socket has a local address`() throws {
    let listener = try LoopbackListener()
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    let peer = try #require(
      try Resolver.addresses(of: "127.0.0.1", port: listener.port, within: .seconds(5)).first)
    try #require(peer.connect(descriptor) == 0)
    #expect(SocketAddress(localEndOf: descriptor)?.literal == "[127.0.0.1]")
  }

  @Test func `a file that is not a socket has no local address`() {
    #expect(SocketAddress(localEndOf: -1) == nil)
  }
}
