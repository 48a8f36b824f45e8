import SQL
import Testing

@testable import RegctlCore

@Suite("Store+AccountDates") struct StoreAccountDatesTests {
  /// A database with an account of the application, registered and confirmed at local times.
  private func adopted(in zone: String? = nil) throws -> Site {
    let site = try Site(
      adopting: """
        INSERT INTO users VALUES
          (1, 'ann@example.org', '!', '2026-11-23 04:00:00.000000', FALSE, FALSE, NULL)
        """)
    site.store.zone = try zone.map(DatabaseZone.init)
    return site
  }

  private func account(_ email: String, in site: Site) throws -> [String?] {
    let account = try site.store.account(email)
    return [account.registeredOn?.rfc3339, account.confirmedOn?.rfc3339]
  }

  private func stored(_ id: Int64, in site: Site) throws -> [String?] {
    try site.store.rows(
      "SELECT registered_on, confirmed_on FROM users WHERE id = $1", .integer(id)
    ) { [$0.optionalText(0), $0.optionalText(1)] }.flatMap { $0 }
  }

  @Test func `a database that regctl created is in UTC, and an adopted one in an unknown zone`()
    throws
  {
    let own = try Site()
    #expect(try own.store.accountZoneName() == "UTC")
    let adopted = try adopted()
    #expect(try adopted.store.accountZoneName() == nil)
  }

  @Test func `the setting counts in either database`() throws {
    let own = try Site()
    own.store.zone = try DatabaseZone("Europe/Berlin")
    #expect(try !own.store.accountDates().areUTC)
    let adopted = try adopted(in: "Europe/Berlin")
    #expect(try adopted.store.accountZoneName() == "Europe/Berlin")
  }

  @Test func `where the audit is missing the zone is not known`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    try site.store.execute("DROP TABLE regctl_audit; DROP TABLE regctl_accounts")
    site.store.zone = nil
    #expect(try !site.store.accountDates().haveZone)
    #expect(try account("ann@example.org", in: site) == ["2026-11-23T09:00:00", nil])
  }

  @Test(arguments: [
    ("America/St_Johns", "2026-11-23T07:30:00Z", "2026-11-23 05:30:00.000000"),
    ("Pacific/Kiritimati", "2026-11-22T14:00:00Z", "2026-11-23 23:00:00.000000"),
    ("UTC", "2026-11-23T04:00:00Z", "2026-11-23 09:00:00.000000"),
  ])
  func `dates are read and written in the zone`(
    _ zone: String, read: String, written: String
  ) throws {
    let site = try adopted(in: zone)
    #expect(try account("ann@example.org", in: site) == [read, nil])
    try site.confirmByHand("ann@example.org")
    #expect(try stored(1, in: site) == ["2026-11-23 04:00:00.000000", written])
    #expect(try account("ann@example.org", in: site) == [read, "2026-11-23T09:00:00Z"])
    let bob = try site.createAdministrator("bob@example.org")
    #expect(try stored(bob.id.rawValue, in: site) == [written, written])
    #expect(
      try account("bob@example.org", in: site) == ["2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"])
  }

  @Test func `without a zone, what regctl recorded is known and the rest is local`() throws {
    let site = try adopted()
    try site.register("bob@example.org")
    try site.confirmByHand("ann@example.org")
    #expect(
      try account("ann@example.org", in: site) == ["2026-11-23T04:00:00", "2026-11-23T09:00:00Z"])
    #expect(try account("bob@example.org", in: site) == ["2026-11-23T09:00:00Z", nil])
  }

  @Test func `what was written in UTC before the zone was set stays readable`() throws {
    let site = try adopted()
    try site.register("bob@example.org")
    try site.confirmByHand("ann@example.org")
    site.store.zone = try DatabaseZone("Europe/Berlin")
    #expect(
      try account("ann@example.org", in: site) == ["2026-11-23T03:00:00Z", "2026-11-23T09:00:00Z"])
    #expect(try account("bob@example.org", in: site) == ["2026-11-23T09:00:00Z", nil])
  }

  @Test func `the records of all accounts are those of each`() throws {
    let site = try adopted(in: "Europe/Berlin")
    let bob = try site.register("bob@example.org")
    try site.confirmByHand("ann@example.org")
    let ann = try site.store.account("ann@example.org")
    for records in [
      try site.store.allDateRecords(), try site.store.dateRecords(of: [ann.id, bob.id]),
    ] {
      #expect(records.registrations(of: ann.id) == [])
      #expect(records.confirmations(of: ann.id) == [site.now.seconds])
      #expect(records.registrations(of: bob.id) == [site.now.seconds])
    }
    let registrations = try site.store.registrationRecords(of: [ann.id, bob.id])
    #expect(registrations.confirmations(of: ann.id) == [])
    #expect(registrations.registrations(of: bob.id) == [site.now.seconds])
  }

  @Test func `nothing is looked up where all dates are UTC`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    #expect(try site.store.dateRecords(of: [ann.id]).registrations(of: ann.id) == [])
    #expect(try site.store.allDateRecords().registrations(of: ann.id) == [])
  }
}
