import Testing

@testable import RegctlCore

@Suite("RefusalCause") struct RefusalCauseTests {
  @Test(arguments: [
    ("550 5.1.1 No such user", RefusalCause.address), ("550 5.1.2 no such domain", .address),
    ("450 4.1.2 Domain not found", .address), ("550 5.1.10 null MX", .address),
    ("553 5.1.7 bad sender", .sender), ("550 5.1.8 bad sender domain", .sender),
    ("452 4.2.2 Over quota", .mailbox), ("550 5.2.1 disabled", .mailbox),
    ("552 5.3.4 too big", .sender), ("451 4.3.2 not accepting", .unknown),
    ("451 4.4.1 timeout", .unknown), ("501 5.5.4 bad EHLO", .sender),
    ("554 5.6.0 bad content", .sender), ("554 5.7.1 Relay access denied", .sender),
    ("450 4.7.1 greylisted", .sender), ("550 5.0.0 no", .unknown), ("550 5.5.0 no", .unknown),
    ("550 5.4.4 no route", .address), ("450 4.4.4 no route", .unknown),
    ("553 5.6.7 no UTF-8 address", .mailbox), ("554 5.6.9 no UTF-8 header", .mailbox),
  ])
  func `the subject of an enhanced status code decides`(_ reply: String, cause: RefusalCause) {
    #expect(RefusalCause(reply: reply) == cause)
  }

  @Test(arguments: [
    ("553 no", RefusalCause.address), ("551 not local", .address), ("552 full", .mailbox),
    ("452 full", .mailbox), ("530 no login", .sender), ("535 wrong password", .sender),
    ("550 no such user", .unknown), ("550", .unknown), ("554 no", .unknown),
    ("connection lost", .unknown), ("", .unknown),
  ])
  func `without one the basic code decides, if it is clear`(_ reply: String, cause: RefusalCause) {
    #expect(RefusalCause(reply: reply) == cause)
  }

  @Test func `without a reply nothing is known`() {
    #expect(RefusalCause(reply: nil) == .unknown)
  }
}
