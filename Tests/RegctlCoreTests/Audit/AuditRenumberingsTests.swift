import Testing

@testable import RegctlCore

@Suite("AuditRenumberings") struct AuditRenumberingsTests {
  /// After the prunes of entries 10 and 20, two accounts were restored under other IDs: 2 as 7 by
  /// entry 15, and 7 as 9 by entry 25.
  private var renumberings: AuditRenumberings {
    var found = AuditRenumberings()
    found.add(run: 1, act: 9)
    found.add(run: 1, act: 10)
    found.add(AuditRenumbering(removal: .prune(1), old: 2), act: 15, new: 7)
    found.add(run: 2, act: 20)
    found.add(AuditRenumbering(removal: .prune(2), old: 7), act: 25, new: 9)
    return found
  }

  @Test func `entries before a deletion belong to the new ID, and later ones do not`() {
    var found = AuditRenumberings()
    found.add(AuditRenumbering(removal: .deletion(10), old: 2), act: 15, new: 7)
    #expect(found.lead(from: 2, to: 7, act: 10))
    #expect(!found.lead(from: 2, to: 7, act: 11))
  }

  @Test func `without renumberings no entry moves`() {
    #expect(!AuditRenumberings().lead(from: 2, to: 7, act: 1))
  }

  @Test func `earlier entries belong to the new ID, also over several steps`() {
    #expect(renumberings.lead(from: 2, to: 7, act: 3))
    #expect(renumberings.lead(from: 2, to: 9, act: 3))
    #expect(renumberings.lead(from: 7, to: 9, act: 18))
  }

  @Test func `later entries do not, and none belongs to an earlier ID`() {
    #expect(!renumberings.lead(from: 2, to: 7, act: 15))
    #expect(!renumberings.lead(from: 2, to: 7, act: 16))
    #expect(!renumberings.lead(from: 2, to: 9, act: 26))
    #expect(!renumberings.lead(from: 7, to: 2, act: 3))
    #expect(!renumberings.lead(from: 3, to: 7, act: 3))
  }

  @Test func `entries about a later account with the ID belong to that account`() {
    #expect(renumberings.lead(from: 2, to: 7, act: 10))
    #expect(!renumberings.lead(from: 2, to: 7, act: 11))
  }

  @Test func `an account restored under an ID is not the one that had it before`() {
    var renumberings = AuditRenumberings()
    renumberings.add(run: 1, act: 10)
    renumberings.add(AuditRenumbering(removal: .prune(1), old: 2), act: 15, new: 3)
    renumberings.add(AuditRenumbering(removal: .prune(1), old: 3), act: 16, new: 4)
    #expect(renumberings.lead(from: 2, to: 3, act: 5))
    #expect(renumberings.lead(from: 3, to: 4, act: 5))
    #expect(!renumberings.lead(from: 2, to: 4, act: 5))
  }

  @Test func `an account of an unknown run is not followed`() {
    var renumberings = AuditRenumberings()
    renumberings.add(AuditRenumbering(removal: .prune(1), old: 2), act: 15, new: 3)
    #expect(!renumberings.lead(from: 2, to: 3, act: 5))
  }

  @Test func `a cycle of IDs terminates`() {
    var renumberings = AuditRenumberings()
    for act in 1...100 as ClosedRange<Int64> {
      renumberings.add(run: act, act: act * 2)
      renumberings.add(
        AuditRenumbering(removal: .prune(act), old: act % 2), act: act * 2 + 1, new: (act + 1) % 2)
    }
    #expect(renumberings.lead(from: 0, to: 1, act: 0))
    #expect(!renumberings.lead(from: 0, to: 5, act: 0))
  }
}
