internal import Base

/// The addresses that an account had, one after the other, as its audit entries tell.
///
/// A number may have belonged to several accounts, whose entries are then mixed: an entry is one of
/// this account if it has one of these addresses.
struct FormerAddresses {
  /// The addresses, in lower-case ASCII letters.
  private var addresses: Set<[UInt8]>

  /// The addresses that an account with one of them, in these spellings, had, according to the
  /// entries with its number; on request also those that were asked for and not confirmed.
  init(of spellings: [String], in entries: [AuditEntry], orRequested: Bool = false) {
    addresses = Set(spellings.map(Self.identity))
    let changes = entries.compactMap { entry -> (old: [UInt8], new: [UInt8])? in
      guard entry.changesEmail || orRequested, let old = entry.email, let new = entry.newEmail
      else { return nil }
      return (Self.identity(of: old), Self.identity(of: new))
    }
    var isComplete = false
    while !isComplete {
      isComplete = true
      for change in changes where addresses.contains(change.old) != addresses.contains(change.new) {
        addresses.formUnion([change.old, change.new])
        isComplete = false
      }
    }
  }

  /// Whether this is one of them, ignoring ASCII case.
  func contains(_ email: String) -> Bool { addresses.contains(Self.identity(of: email)) }

  /// All of them.
  var all: [String] { addresses.map { String(decoding: $0, as: UTF8.self) }.sorted() }

  private static func identity(of email: String) -> [UInt8] { email.utf8.map(\.lowercased) }
}
