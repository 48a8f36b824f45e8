import SMTP
import Testing

@testable import RegctlCore

@Suite("PortReport") struct PortReportTests {
  @Test(
    arguments: [
      ([25, 465, 587, 2525], false, .init(security: .starttls, port: nil)),
      ([25, 465, 2525], false, .init(security: .tls, port: nil)),
      ([25, 2525], false, .init(security: .starttls, port: 2525)),
      ([25], false, .init(security: .starttls, port: 25)),
      ([25], true, .init(security: .none, port: nil)),
      ([], false, nil),
    ] as [([Int], Bool, PortReport.Settings?)])
  func `the best port that answers has its settings`(
    _ open: [Int], isLoopback: Bool, settings: PortReport.Settings?
  ) {
    let answers = PortProbe.Answers(open: open, silent: [], isLoopback: isLoopback)
    #expect(PortReport(answers).settings == settings)
  }
}
