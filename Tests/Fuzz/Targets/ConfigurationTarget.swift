internal import SMTP

@testable import RegctlCore

/// Configuration files and the values of settings.
struct ConfigurationTarget: FuzzTarget {
  static let name = "configuration"

  func check(_ input: [UInt8]) {
    guard let assignments = try? ConfigurationParser.parse(input, path: "regctl.conf") else {
      return
    }
    requireSame(assignments)
    var configuration = Configuration()
    for assignment in assignments {
      guard let setting = Setting.named(assignment.key) else {
        return Property.require(false, "only known settings are assigned")
      }
      // A value that is refused may have changed something: then regctl ends.
      var changed = configuration
      if (try? setting.apply(&changed, assignment.value)) != nil { configuration = changed }
    }
    requireMeaning(configuration)
  }

  /// Requires that the file that the assignments make is read as the same.
  private func requireSame(_ assignments: [ConfigurationParser.Assignment]) {
    let lines = assignments.map { "\($0.key) = \($0.value)\n" }.joined()
    let again = (try? ConfigurationParser.parse(Array(lines.utf8), path: "")) ?? []
    Property.require(
      again.map(\.key) == assignments.map(\.key)
        && again.map { Array($0.value.utf8) } == assignments.map { Array($0.value.utf8) },
      "a file with the values that were read has these values")
  }

  private func requireMeaning(_ configuration: Configuration) {
    for url in MailKind.allCases.compactMap(configuration.url) {
      let link = url.link(token: "a.b.c")
      Property.require(
        link.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "a link is printable and one word")
      Property.require(!url.host.isEmpty, "a link has a host")
      Property.require(
        link.utf8.starts(with: "http://".utf8) || link.utf8.starts(with: "https://".utf8),
        "a link is one of the web")
    }
    if let sender = configuration.mailDefaultSender {
      Property.require(
        configuration.messageDomain.map { $0.utf8.allSatisfy { $0 < 0x80 } } ?? true,
        "the domain of a Message-ID is ASCII")
      Property.require(
        (sender.displayName ?? "").utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f },
        "a display name is one line")
    }
    _ = configuration.effectiveSecretKeyFile
    _ = configuration.effectiveTransport
    requireMapping(configuration.users)
    Property.require(
      configuration.mailTimeout >= .zero && configuration.mailLifetime >= .zero
        && configuration.busyTimeout >= .zero, "no time limit is negative")
    if case .server(let address) = configuration.db {
      Property.require(
        !address.name.isEmpty && !address.text.utf8.contains(0), "a server's address has a name")
    }
  }

  /// Requires that the settings that a mapping names make that mapping.
  private func requireMapping(_ mapping: UsersMapping) {
    var again = UsersMapping.original
    for (key, value) in mapping.settings {
      if key == "users_table" {
        again.table = value
      } else {
        do throws(UsersMapping.Fault) {
          try again.setColumns(value)
        } catch {
          Property.require(false, "the columns of a mapping are accepted")
        }
      }
    }
    Property.require(
      UsersMapping.Column.allCases.allSatisfy { again.name(of: $0) == mapping.name(of: $0) }
        && again.table == mapping.table, "a mapping can be written as settings")
  }
}
