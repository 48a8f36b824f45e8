internal import Glibc

/// A user name and a password, for AUTH (RFC 4954).
package final class Credentials {
  private let username: String
  private let password: [UInt8]

  /// Takes the password over; its memory is overwritten when nobody needs it any more.
  package init(username: String, password: consuming [UInt8]) {
    self.username = username
    self.password = password
  }

  deinit {
    // In place: mutating an array in a `deinit` would wipe a copy.
    unsafe password.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress {
        unsafe explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count)
      }
    }
  }

  /// The first command of a mechanism.
  func command(_ mechanism: AuthenticationMechanism) -> String {
    switch mechanism {
    case .plain:
      "AUTH PLAIN \(Base64.encode([0] + Array(username.utf8) + [0] + password))"
    case .login: "AUTH LOGIN"
    }
  }

  /// A reply with the password taken out, as it is or in the base64 in which it travelled.
  func masking(_ reply: Reply) -> Reply {
    let secrets =
      [password]
      + [command(.plain).utf8.dropFirst("AUTH PLAIN ".utf8.count)]
      .map { Array($0) } + loginAnswers.dropFirst().map { Array($0.utf8) }
    return Reply(
      code: reply.code,
      lines: reply.lines.map { line in
        secrets.contains { Array(line.utf8).contains(sequence: $0) } ? "(not shown)" : line
      })
  }

  /// The answers to the questions that LOGIN asks, in their order.
  var loginAnswers: [String] { [Base64.encode(Array(username.utf8)), Base64.encode(password)] }
}
