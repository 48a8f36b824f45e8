import RegctlCore
import Testing

@testable import regctl

@Suite("SenderFinding") struct SenderFindingMessageTests {
  @Test(arguments: [
    (
      SenderFinding.spfMissing(domain: "shop.org"), "shop.org has no SPF record",
      "publish a TXT record with the hosts that send, which your mail provider names: "
        + "'v=spf1 include:... -all'"
    ),
    (
      .spfOpen(domain: "shop.org"),
      "the SPF record of shop.org ends in +all: every host may send its mail",
      "end it with -all or ~all behind the hosts that send"
    ),
    (
      .dmarcMissing(domain: "shop.org", searched: ["_dmarc.shop.org"]),
      "no DMARC record at _dmarc.shop.org",
      "publish a TXT record at _dmarc.shop.org, to begin with: 'v=DMARC1; p=none'"
    ),
    (
      .notLookedUp(name: "shop.org", reason: "no answer in time"),
      "TXT of shop.org could not be looked up: no answer in time", "dig +short TXT shop.org"
    ),
  ])
  func `each has its words`(_ finding: SenderFinding, message: String, advice: String) {
    #expect(finding.message == message)
    #expect(finding.advice.text == advice)
  }
}
