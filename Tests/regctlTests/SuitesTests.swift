import Foundation
import Testing

/// Every command and every extension of the store has a suite of its name.
@Suite("Suites") struct SuitesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardizedFileURL

  /// The names of the Swift files in a directory, without their ending.
  private static func names(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: directory).path())
      .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(".swift".count)) }.sorted()
  }

  private static let commands = "Sources/regctl/Commands"
  private static let store = "Sources/RegctlCore/Store"

  /// Whether a file holds tests in a suite of a name.
  private static func holdsSuite(_ name: String, _ path: String) -> Bool {
    guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else {
      // A missing file holds no suite.
      return false
    }
    return text.contains("@Suite(\"\(name)\"") && text.contains("@Test")
  }

  @Test func `a command has a suite of its name`() throws {
    let names = try Self.names(in: Self.commands)
    #expect(names.contains("Register"))
    #expect(
      names.filter { !Self.holdsSuite($0, "Tests/regctlTests/Commands/\($0)Tests.swift") } == [])
  }

  @Test func `an extension of the store has a suite of its name`() throws {
    let names = try Self.names(in: Self.store).filter { $0.hasPrefix("Store+") }
    #expect(names.contains("Store+Accounts"))
    let missing = names.filter { name in
      let file = name.replacing("+", with: "")
      return !Self.holdsSuite(name, "Tests/RegctlCoreTests/Store/\(file)Tests.swift")
    }
    #expect(missing == [])
  }

  @Test func `a suite of a command tests a command`() throws {
    let commands = try Set(Self.names(in: Self.commands).map { "\($0)Tests" })
    #expect(
      try Self.names(in: "Tests/regctlTests/Commands").filter { !commands.contains($0) } == [])
  }
}
