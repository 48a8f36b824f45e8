/// The extensions in a server's reply to EHLO (RFC 5321, section 4.1.1.1).
struct Capabilities: Equatable, Sendable {
  private let offers: [(keyword: String, parameters: [String])]

  static let none = Capabilities(offers: [])

  private init(offers: [(keyword: String, parameters: [String])]) { self.offers = offers }

  /// Parses the lines after the greeting line.
  init(_ reply: Reply) {
    offers = reply.lines.dropFirst().map { line in
      // Some old servers write `AUTH=PLAIN`.
      let words = line.utf8.split { $0 == 0x20 || $0 == UInt8(ascii: "=") }
        .map { String(decoding: $0, as: UTF8.self).uppercased() }
      return (words.first ?? "", Array(words.dropFirst()))
    }
  }

  static func == (left: Capabilities, right: Capabilities) -> Bool {
    left.offers.elementsEqual(right.offers) { $0 == $1 }
  }

  private func parameters(of keyword: String) -> [String]? {
    offers.first { $0.keyword == keyword }?.parameters
  }

  /// RFC 2920.
  var hasPipelining: Bool { parameters(of: "PIPELINING") != nil }

  /// RFC 3207.
  var hasStartTLS: Bool { parameters(of: "STARTTLS") != nil }

  /// RFC 6152.
  var has8BitMIME: Bool { parameters(of: "8BITMIME") != nil }

  /// RFC 3461: whether MAIL and RCPT accept parameters about reports of failures.
  var hasStatusReports: Bool { parameters(of: "DSN") != nil }

  /// RFC 6531.
  var hasSMTPUTF8: Bool { parameters(of: "SMTPUTF8") != nil }

  /// RFC 1870: whether MAIL accepts a SIZE parameter.
  var hasSize: Bool { parameters(of: "SIZE") != nil }

  /// The maximum message size in bytes; `nil` when the server declares none.
  var maximumSize: Int? {
    parameters(of: "SIZE")?.first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// RFC 4954: the names of all mechanisms that the server offers.
  private var mechanisms: [String] {
    offers.filter { $0.keyword == "AUTH" }.flatMap(\.parameters)
  }

  /// The preferred mechanism among those that the server offers.
  var mechanism: AuthenticationMechanism? {
    let offered = mechanisms
    return AuthenticationMechanism.allCases.first { offered.contains($0.rawValue) }
  }

  /// The mechanism of OAuth that the server offers, RFC 7628 or that of Google: it takes an access
  /// token that is renewed every hour, not a password.
  var tokenMechanism: String? {
    mechanisms.first { $0 == "OAUTHBEARER" || $0 == "XOAUTH2" }
  }
}

/// A SASL mechanism for AUTH, in order of preference.
enum AuthenticationMechanism: String, CaseIterable, Sendable {
  /// RFC 4616.
  case plain = "PLAIN"
  /// draft-murchison-sasl-login: user name and password, one per prompt; the prompts are ignored.
  case login = "LOGIN"
}
