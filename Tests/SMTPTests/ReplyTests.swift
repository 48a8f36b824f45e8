import Testing

@testable import SMTP

@Suite("Reply") struct ReplyTests {
  @Test(arguments: [
    (200, Reply.Kind.success), (250, .success), (354, .intermediate), (421, .temporaryFailure),
    (550, .permanentFailure), (559, .permanentFailure),
  ])
  func `the first digit determines the kind`(_ code: Int, kind: Reply.Kind) {
    #expect(Reply(code: code, lines: []).kind == kind)
  }

  @Test(arguments: [
    (["5.1.1 No such user"], "550 5.1.1 No such user"), ([""], "550"), ([], "550"),
    (["5.7.1 No", "", "really"], "550 5.7.1 No really"),
  ])
  func `the text of a reply is one line`(_ lines: [String], text: String) {
    #expect(Reply(code: 550, lines: lines).text == text)
  }
}
