import RegctlCore
import SQL
import TestSupport
import Testing

@testable import regctl

@Suite("MailRefusals") struct MailRefusalsMessageTests {
  @Test func `the numbers are by what the replies were about`() throws {
    let world = try World()
    try world.execute(
      """
      INSERT INTO regctl_attempts (mail_id, attempt, at, result, reply) VALUES
        (1, 1, 1795424300, 'failed', '550 5.1.1 unknown'),
        (2, 1, 1795424300, 'failed', '550 5.1.1 unknown'),
        (3, 1, 1795424300, 'failed', '550 5.7.1 no'), (4, 1, 1795424300, 'deferred', '451 later'),
        (5, 1, 1795424300, 'interrupted', NULL), (6, 1, 1795330000, 'failed', '550 5.2.1 gone')
      """)
    let printed = world.printed(
      "doctor --format tsv", endingWith: TestEngine.choose(sqlite: .ok, postgresql: .refused))
    #expect(
      printed.contains(
        "refusals\tok\tin the last day: refused 2 for the address (x.1), 1 for the sender (x.5 to "
          + "x.7); deferred 1 for other reasons\t\n"))
  }
}
