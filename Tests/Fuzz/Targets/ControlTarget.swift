@testable import SMTP

/// The control: a seeded fault behind conditions that chance alone does not meet.
///
/// It ends the process when a server's reply is valid and has several lines. The least of such replies
/// has ten bytes that must be right: a fuzzer that learns nothing of the edges in `Sources` does not find
/// one in a million inputs, and another in 12,000 to 160,000.
struct ControlTarget: FuzzTarget {
  static let name = "control"

  func check(_ input: [UInt8]) {
    var parser = ReplyParser()
    parser.append(input[...])
    guard let reply = try? parser.next() else { return }
    Property.require(reply.lines.count == 1, "the control: this is the fault to be found")
  }
}
