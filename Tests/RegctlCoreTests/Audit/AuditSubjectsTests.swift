import Testing

@testable import RegctlCore

@Suite("AuditSubjects") struct AuditSubjectsTests {
  @Test func `no accounts have no hash`() throws {
    #expect(try AuditSubjects().hash(by: SHA256()) == nil)
    #expect(try AuditSubjects([]).hash(by: SHA256()) == nil)
  }

  @Test func `each number is a line`() throws {
    // printf '7\n12\n' | sha256sum
    let hash = "355515cbb69fb16fc2e5dbd59bb96ea210ff1b43e3b160e0023bcb54d16a835f"
    #expect(try AuditSubjects([7, 12]).hash(by: SHA256()) == hash)
  }

  @Test func `appending IDs one by one gives the same hash, also after a reset`() throws {
    var subjects = AuditSubjects()
    subjects.append(1)
    subjects.removeAll()
    for number in [-3, 7, .max] as [Int64] { subjects.append(number) }
    #expect(try subjects.hash(by: SHA256()) == AuditSubjects([-3, 7, .max]).hash(by: SHA256()))
  }
}
