import Testing

@testable import RegctlCore

@Suite("UsersMappingProposal") struct UsersMappingProposalTests {
  private func proposal(_ tables: [String: [String]], key: String? = "id") -> [String]? {
    UsersMappingProposal.mapping(
      for: tables.map { UsersMappingProposal.Table(name: $0.key, columns: $0.value, key: key) }
    )?.settings.map(\.value)
  }

  @Test func `renamed columns are recognized`() {
    let columns = [
      "id", "username", "email", "password_hash", "created_at", "is_admin", "is_confirmed",
      "confirmed_at",
    ]
    #expect(
      proposal(["user": columns, "post": ["id", "text"]]) == [
        "user",
        "password=password_hash registered_on=created_at admin=is_admin "
          + "confirmed=is_confirmed confirmed_on=confirmed_at",
      ])
  }

  @Test func `without a flag an account is confirmed when it has a date`() {
    #expect(
      proposal(["users": ["id", "Email", "password", "email_verified_at"]]) == [
        "email=Email registered_on=none admin=none confirmed=confirmed_on "
          + "confirmed_on=email_verified_at"
      ])
  }

  @Test func `without a date there is only the flag`() {
    #expect(
      proposal(["users": ["id", "email", "password", "registered_on", "admin", "verified"]]) == [
        "confirmed=verified confirmed_on=none"
      ])
  }

  @Test func `a key with another name is recognized`() {
    #expect(
      proposal(["users": ["uid", "email", "password", "confirmed"]], key: "uid") == [
        "id=uid registered_on=none admin=none confirmed_on=none"
      ])
  }

  @Test func `nothing is proposed where it would be a guess`() {
    let columns = ["id", "email", "password", "confirmed"]
    #expect(proposal(["users": columns, "admins": columns]) == nil)
    #expect(proposal(["users": columns], key: nil) == nil)
    #expect(proposal(["users": ["id", "email", "password"]]) == nil)
    #expect(proposal(["users": ["id", "email", "confirmed"]]) == nil)
    #expect(proposal(["us; ers": columns]) == nil)
    #expect(proposal([:]) == nil)
  }
}
