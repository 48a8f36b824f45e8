import RegctlCore
import Testing

@testable import regctl

@Suite("DisplayZone") struct DisplayZoneTests {
  // The expectations are those of Python's zoneinfo.
  @Test(arguments: [
    (nil, "2026-11-23T09:00:59Z", "2026-11-23 09:00 UTC"),
    ("UTC", "2026-11-23T09:00:00Z", "2026-11-23 09:00 UTC"),
    ("Europe/Berlin", "2026-11-23T09:00:59Z", "2026-11-23 10:00 +01:00"),
    ("Europe/Berlin", "2026-07-23T22:30:00Z", "2026-07-24 00:30 +02:00"),
    ("Europe/London", "2026-11-23T09:00:00Z", "2026-11-23 09:00 +00:00"),
    ("America/New_York", "2026-11-23T04:00:00Z", "2026-11-22 23:00 -05:00"),
    ("America/St_Johns", "2026-11-23T09:00:00Z", "2026-11-23 05:30 -03:30"),
    ("Asia/Kathmandu", "2026-11-23T09:00:00Z", "2026-11-23 14:45 +05:45"),
    ("Europe/Berlin", "1969-12-31T23:59:59Z", "1970-01-01 00:59 +01:00"),
    // The hour that clocks show twice.
    ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30 +02:00"),
    ("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 02:30 +01:00"),
  ])
  func `a time is shown with its offset`(_ zone: String?, moment: String, text: String) throws {
    let moment = try #require(Instant(parsing: moment))
    DisplayZone.$current.withValue(zone.map { .ofClocks(variable: $0) }) {
      #expect(moment.displayText == text)
      #expect(AccountDate.moment(moment).displayText == text)
      #expect(TextRenderer.text(.instant(moment)) == text)
    }
  }

  @Test func `a local time of an unknown zone is shown as it is stored`() {
    let local = Instant(seconds: 1_795_424_400)
    DisplayZone.$current.withValue(.ofClocks(variable: "Europe/Berlin")) {
      #expect(AccountDate.local(local).displayText == "2026-11-23 09:00")
      #expect(TextRenderer.text(.local(local)) == "2026-11-23 09:00")
    }
  }

  // MARK: Commands

  /// A world of Berlin, in which Ann was registered and has a mail in the outbox.
  private func world() throws -> World {
    let world = try World()
    world.environment["TZ"] = "Europe/Berlin"
    world.register("ann", queuesMail: true)
    return world
  }

  @Test func `a list is in local time, and fits it`() throws {
    #expect(
      try world().printed("--local list-accounts --fields registered_on,email") == """
        REGISTERED_ON            EMAIL
        2026-11-23 10:00 +01:00  ann@example.org

        """)
  }

  @Test func `sentences are in local time`() throws {
    let world = try world()
    #expect(
      world.printed("show ann@example.org --local") == """
        ann@example.org: account 1, not confirmed
          2026-11-23 10:00 +01:00  register       tester  -
          2026-11-23 10:00 +01:00  mail 1 queued  -       ann@example.org
        prune: after 2026-12-07 10:00 +01:00
        advice: a mail has waited for 0 seconds: regctl deliver

        """)
    world.run("confirm --email ann@example.org --reason called -q")
    #expect(
      world.printed("confirm --email ann@example.org --reason called --local")
        == "ann@example.org is already confirmed since 2026-11-23 10:00 +01:00.\n")
  }

  @Test func `errors are in local time, except in JSON`() throws {
    let world = try world()
    world.run("delete ann@example.org --reason left --yes -q")
    world.run("show ann@example.org --local")
    #expect(world.errorOutput.text.contains(" was deleted on 2026-11-23 10:00 +01:00 by tester"))
    world.run("show ann@example.org --local --json")
    #expect(world.errorOutput.text.contains(" was deleted on 2026-11-23 09:00 UTC by tester"))
  }

  @Test(arguments: ["json", "jsonl", "tsv", "csv"])
  func `other formats are in UTC`(_ format: String) throws {
    let world = try world()
    for command in ["list-accounts", "list-outbox", "audit", "show ann@example.org", "status"] {
      let usual = world.printed("\(command) --format \(format)")
      #expect(world.printed("\(command) --format \(format) --local") == usual, "\(command)")
    }
  }

  @Test(arguments: ["show-mail 1 --raw", "export"])
  func `what is for others is in UTC`(_ command: String) throws {
    let world = try world()
    let usual = world.printed(command)
    #expect(usual.contains("2026"))
    #expect(world.printed("\(command) --local") == usual)
  }

  @Test func `without the option text is in UTC, whatever TZ says`() throws {
    #expect(
      try world().printed("list-accounts --fields registered_on --no-header")
        == "2026-11-23 09:00 UTC\n")
  }

  @Test func `the option of one command does not stay for the next`() throws {
    let world = try world()
    #expect(world.printed("list-accounts --local").contains("2026-11-23 10:00 +01:00"))
    #expect(world.printed("list-accounts").contains("2026-11-23 09:00 UTC"))
  }

  @Test(arguments: [nil, "", "Asia/Tokyo"])
  func `the zone is that of TZ, or of the system`(_ variable: String?) throws {
    let world = try World(hasDatabase: false)
    world.environment["TZ"] = variable
    #expect(world.context.displayZone == nil)
    var globals = GlobalOptions()
    globals.isLocal = true
    #expect(world.context.obeying(globals).displayZone == .ofClocks(variable: variable))
    globals.format = .tsv
    #expect(world.context.obeying(globals).displayZone == nil)
  }
}
