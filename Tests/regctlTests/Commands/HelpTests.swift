import RegctlCore
import Testing

@testable import regctl

@Suite("Help") struct HelpTests {
  @Test(arguments: [
    ("help registre", UsageError.Fault.unknownTopic("registre", suggestions: ["register"])),
    ("help enviroment", .unknownTopic("enviroment", suggestions: ["environment"])),
    ("help register check", .unexpectedOperand("check")),
    ("help __complete x", .unexpectedOperand("x")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world without a configuration, which help does not need.
  private func world() throws -> World {
    let world = try World(hasDatabase: false)
    world.environment = ["REGCTL_CONFIG": "/nonexistent/regctl.conf"]
    return world
  }

  @Test func `a command is explained`() throws {
    #expect(
      try world().printed("help list-admins") == """
        List the administrators.

        USAGE
          regctl list-admins [options]

        DESCRIPTION
          Lists every account with administrator rights, in order of address.
          --since and --until are about the time of registration.

        OPTIONS
              --since TIME|AGE          Only from then on: a date, time or age
              --until TIME|AGE          Only until then: a date, time or age
              --domain DOMAIN           Only addresses of this domain
              --email EMAIL             Only this account
              --file FILE|-             Only accounts whose addresses are in a file
              --stdin                   Only accounts whose addresses are on standard
                                        input
              --sort id|email           The order (default email)
              --newest                  Begin with the newest
              --limit N                 At most N
              --count                   Print only how many there are
              --fields NAME,NAME        Columns to print (not for json)
              --no-header               Leave out the line with the names of the columns
              --raw                     With csv, print what looks like a formula
                                        unchanged

        GLOBAL OPTIONS
          -d/--db, --config, --format, --json, --color, --local, --wide, --no-pager,
          --no-input, -q/--quiet, -v/--verbose, --busy-timeout, -h/--help, --version:
          see 'regctl help'.

        EXAMPLES
          List the administrators:
            $ regctl list-admins

        EXIT STATUS
          0 ok, 1 refused, 64 usage, 65 data, 66 no input, 67 no user, 74 I/O, 75
          temporary, 77 no permission, 78 configuration. See 'regctl help exit-codes'.

        """)
  }

  @Test func `the overview names every command and topic, but no hidden command`() throws {
    let overview = try world().printed("help")
    for command in CommandTable.all {
      #expect(overview.contains("\n  \(command.name) ") == (command.name != Complete.name))
    }
    for topic in HelpTopic.allCases { #expect(overview.contains("\n  \(topic.rawValue) ")) }
  }

  @Test(arguments: [
    ("-h", "help"), ("--help", "help"), ("check --help", "help check"), ("-h check", "help check"),
    ("check --no-such --help", "help check"),
  ])
  func `an option asks for the same help`(_ option: String, command: String) throws {
    let world = try world()
    let help = world.printed(command)
    #expect(world.printed(option) == help)
    #expect(!help.isEmpty)
  }

  @Test(arguments: HelpTopic.allCases)
  func `a topic is explained`(_ topic: HelpTopic) throws {
    let world = try world()
    #expect(world.printed("help \(topic.rawValue)") == HelpText(isBold: false).topic(topic))
  }

  @Test(arguments: ["text", "json", "tsv"])
  func `help is text in every format`(_ format: String) throws {
    #expect(
      try world().printed("help check --format \(format)")
        .hasPrefix("Check by exit code whether an account may log in.\n"))
  }
}
