internal import Base
internal import Glibc

/// A user name and a password, for AUTH (RFC 4954).
package final class Credentials {
  private let username: String
  private let password: [UInt8]

  /// Takes ownership of the password; `deinit` overwrites its memory.
  package init(username: String, password: consuming [UInt8]) {
    self.username = username
    self.password = password
  }

  deinit {
    // In place: mutating an array in a `deinit` would overwrite a copy.
    unsafe password.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress {
        unsafe explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count)
      }
    }
  }

  /// The command of a mechanism, and the responses to the server's challenges, in order.
  ///
  /// A command has at most 512 bytes (RFC 5321, section 4.5.3.1.4); a longer initial response is
  /// sent after the server's challenge (RFC 4954, section 4).
  func dialogue(_ mechanism: AuthenticationMechanism) -> (command: String, answers: [String]) {
    switch mechanism {
    case .plain:
      let command = "AUTH PLAIN \(plainResponse)"
      return command.utf8.count <= 510 ? (command, []) : ("AUTH PLAIN", [plainResponse])
    case .login:
      return (
        "AUTH LOGIN",
        [Base64.standard.encode(Array(username.utf8)), Base64.standard.encode(password)]
      )
    }
  }

  private var plainResponse: String {
    Base64.standard.encode([0] + Array(username.utf8) + [0] + password)
  }

  /// A reply with the password removed, both as it is and in base64 as sent.
  func masking(_ reply: Reply) -> Reply {
    let secrets = [
      password, Array(plainResponse.utf8), Array(Base64.standard.encode(password).utf8),
    ]
    .filter { !$0.isEmpty }
    return Reply(
      code: reply.code,
      lines: reply.lines.map { line in
        secrets.contains { line.utf8.contains(sequence: $0) } ? "(not shown)" : line
      })
  }
}
