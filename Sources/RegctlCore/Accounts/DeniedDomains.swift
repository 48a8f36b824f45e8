internal import Base
internal import System

/// The file of domains whose addresses no new account may have (`deny_domains_file`).
///
/// A line denies its domain and all domains below it: providers of throw-away addresses give out any
/// name below their own. The lines are searched one by one, since a list of 100,000 domains is read
/// by each command that needs it: nothing is built from them.
package struct DeniedDomains: Sendable {
  /// A list of a million domains has about 15 MiB.
  static let maximumByteCount = 16 << 20

  package let path: String
  private let content: [UInt8]

  /// Reads the file of a configuration, by the rule for configuration files (`FileTrust`); `nil` if
  /// none is configured.
  package init?(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    guard let path = configuration.denyDomainsFile else { return nil }
    func refuse(_ fault: ConfigurationError.Fault) -> RegctlError {
      .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
    }
    guard let file = try FileTrust(uid: uid).open(path) else {
      throw refuse(.missingFile(path: path, setting: "deny_domains_file"))
    }
    guard try fileAccess(file.status()).isRegularFile else {
      throw refuse(.notARegularFile(path: path))
    }
    content = try fileAccess(file.read(atMost: Self.maximumByteCount))
    self.path = path
    guard content.count <= Self.maximumByteCount else { throw refuse(.tooLarge) }
  }

  /// The line that denies an address; `nil` if none does.
  package func line(denying address: EmailAddress) throws(RegctlError) -> DeniedDomain? {
    let domain = try AddressDomain(of: address.text)
    return try lines(denying: [domain])[domain]
  }

  /// The first line that denies each of some domains, found in one pass over the file.
  func lines(
    denying domains: Set<AddressDomain>
  ) throws(RegctlError) -> [AddressDomain: DeniedDomain] {
    // The lines that deny one of the domains: it and those above it, by their checksums.
    var wanted: [UInt32: [(name: [UInt8], domain: AddressDomain)]] = [:]
    for domain in domains {
      var name = Array(domain.name.utf8)[...]
      while !name.isEmpty {
        wanted[DomainLines.checksum(of: name), default: []].append((Array(name), domain))
        name = name.drop { $0 != UInt8(ascii: ".") }.dropFirst()
      }
    }
    var denied: [AddressDomain: DeniedDomain] = [:]
    var lines = DomainLines(content, path: path)
    while let line = try lines.next() {
      guard let candidates = wanted[line.checksum] else { continue }
      for (name, domain) in candidates
      where denied[domain] == nil && line.domain.lazy.map(\.lowercased).elementsEqual(name) {
        denied[domain] = DeniedDomain(
          name: String(decoding: name, as: UTF8.self), path: path, line: line.number)
      }
    }
    return denied
  }

  /// The number of domains in the file.
  package func count() throws(RegctlError) -> Int {
    var count = 0
    var lines = DomainLines(content, path: path)
    while try lines.next() != nil { count += 1 }
    return count
  }
}
