import Testing

@testable import regctl

/// Each option has the same name in every command that lists or changes many.
@Suite("Selection vocabulary") struct SelectionVocabularyTests {
  private static let ofAccounts = ["since", "until", "domain", "email", "file", "stdin"]
  private static let ofLists = ["sort", "newest", "limit", "count", "fields", "no-header", "raw"]
  private static let ofChanges = ["limit", "dry-run", "yes", "reason"]
  private static let lists = [
    "list-accounts", "list-unconfirmed", "list-admins", "list-outbox", "list-bounces",
    "list-prunes", "audit", "report",
  ]
  private static let changes = [
    "retry-mail", "cancel-mail", "release-held", "resend", "prune", "delete",
  ]

  private func options(of command: String) throws -> [String] {
    let type = try #require(CommandTable.all.first { $0.name == command })
    return type.usage.options.map { String($0.flag.dropFirst(2)) }
  }

  @Test(arguments: lists)
  func `a list has every option of lists`(_ command: String) throws {
    let missing = Set(Self.ofAccounts + Self.ofLists).subtracting(try options(of: command))
    #expect(missing.sorted() == [])
  }

  @Test(arguments: changes)
  func `what changes many accounts has every option of such commands`(_ command: String) throws {
    let missing = Set(Self.ofAccounts + Self.ofChanges).subtracting(try options(of: command))
    #expect(missing.sorted() == [])
  }

  @Test(arguments: lists + changes)
  func `states are selected wherever there are several`(_ command: String) throws {
    // Prune takes only unconfirmed accounts; the others have one state, acts, runs or figures.
    let without = ["prune", "release-held", "list-admins", "list-prunes", "audit", "report"]
    #expect(try options(of: command).contains("state") != without.contains(command))
  }

  @Test func `no other command lists or selects`() {
    let others = CommandTable.all.filter { type in
      let flags = type.usage.options.map(\.flag)
      return flags.contains("--domain") || flags.contains("--count")
    }
    #expect(Set(others.map { $0.name }).subtracting(Self.lists + Self.changes).sorted() == [])
  }
}
