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

  /// The answers to the questions that LOGIN asks, in their order.
  var loginAnswers: [String] { [Base64.encode(Array(username.utf8)), Base64.encode(password)] }
}
