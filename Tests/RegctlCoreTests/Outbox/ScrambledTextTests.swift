import Testing

@testable import RegctlCore

@Suite("ScrambledText") struct ScrambledTextTests {
  @Test(arguments: [
    (
      "a ImFubkBleGFtcGxlLm9yZyI.arX3kA.k3Jx0mC9Zf2LwQeR7tYuIoP1aSd b", "a ImFubk….arX3kA.k3Jx0m… b"
    ),
    ("k3Jx0mC9Zf2L wQeR7tYuIoP1aSd end", "k3Jx0m… end"),
    ("k3Jx0mC9Zf2L=wQeR7tYuIoP1aSd", "k3Jx0m…"),
    ("k3Jx0mC9Zf2L= wQeR7tYuIoP1aSd", "k3Jx0m…"),
  ])
  func `what may be a token is hidden`(_ words: String, expected: String) {
    #expect(ScrambledText.hide(in: words) == expected)
  }

  @Test(arguments: [
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@example.org not found", "",
    "550-5.1.1 The email account a1-20020a056402278b00b004 - gsmtp", "4Yx0000000 1795424400 A1b 2",
    "STOREDRV.Deliver.Exception:MapiExceptionShutoffQuotaExceeded.1", "é k3Jx0mC9 Zf é",
  ])
  func `other words stay`(_ words: String) {
    #expect(ScrambledText.hide(in: words) == words)
  }
}
