internal import Base
internal import Glibc

@testable import RegctlCore

/// Files of accounts, JSON or CSV, as they are imported.
struct ImportTarget: FuzzTarget {
  static let name = "import"

  private static let columns = [
    ApplicationColumn(name: "nickname", conversion: .text, isNullable: true, hasDefault: false),
    ApplicationColumn(name: "visits", conversion: .number, isNullable: true, hasDefault: true),
    ApplicationColumn(name: "password", conversion: .none, isNullable: true, hasDefault: true),
  ]

  /// The number of bytes that a pipe takes at once.
  private static let pipeByteCount = 65_536

  func check(_ input: [UInt8]) {
    guard let first = input.first, input.count <= Self.pipeByteCount else { return }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return Property.require(false, "there is a pipe") }
    defer { close(ends[0]) }
    let isWritten = write(ends[1], input, input.count) == input.count
    close(ends[1])
    Property.require(isWritten, "the pipe takes the input")
    let file = AccountFile(descriptor: ends[0], named: "accounts")
    // The first byte, which is one of several in a valid file, also decides what the table has.
    file.expect(
      AccountKeys(columns: first & 1 == 0 ? Self.columns : [], renamings: []),
      allowsUTF8: first & 2 == 0)
    requireLines(of: file, input)
  }

  private func requireLines(of file: AccountFile, _ input: [UInt8]) {
    let lineCount = 1 + input.count { $0 == UInt8(ascii: "\n") }
    var number = 0
    var byteCount = 0
    do throws(RegctlError) {
      while let line = try file.next() {
        Property.require(
          line.number > number && line.number <= lineCount, "lines are numbered in order")
        number = line.number
        byteCount += line.byteCount
        Property.require(byteCount <= input.count, "each byte is read once")
        if case .success(let account) = line.content { requireAccount(account, line.email) }
      }
    } catch {
      // A file that is not one of accounts is refused as a whole.
      guard case .importing = error else {
        return Property.require(false, "a file that can be read is refused for what is in it")
      }
    }
  }

  private func requireAccount(_ account: ImportedAccount, _ email: String?) {
    Property.require(
      (try? EmailAddress(account.email, rule: .stored, allowsUTF8: true)) != nil,
      "what is imported has an address")
    Property.require(account.id.map { $0.rawValue > 0 } ?? true, "an ID is positive")
    Property.require(
      account.passwordHash == .unusable || account.passwordHash.isHash,
      "no password is stored in clear")
    for date in [account.registeredOn, account.confirmedOn] {
      switch date {
      case .stored(let text)?:
        Property.require(Timestamp(text) != nil && text.utf8.count <= 26, "a date is a date")
      case .moment(let instant)?:
        Property.require(
          Instant.storedSeconds.contains(instant.seconds), "a date can be stored")
      case nil: break
      }
    }
  }
}
