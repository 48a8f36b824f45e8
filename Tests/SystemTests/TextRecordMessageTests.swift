import Testing

@testable import System

@Suite("TextRecordMessage") struct TextRecordMessageTests {
  /// A header, for a number of questions and answers.
  private static func header(questions: UInt8 = 0, answers: UInt8) -> [UInt8] {
    [0, 1, 0x81, 0x80, 0, questions, 0, answers, 0, 0, 0, 0]
  }

  private static let question: [UInt8] = [1, 0x61, 2, 0x62, 0x63, 0, 0, 16, 0, 1]

  /// A record whose name points to the question's.
  private static func record(type: UInt8 = 16, _ data: [UInt8]) -> [UInt8] {
    [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, UInt8(data.count >> 8), UInt8(data.count & 255)] + data
  }

  private func records(_ bytes: [UInt8]) -> [String]? {
    TextRecordMessage.records(in: bytes[...])?.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `the strings of a record are joined, and other types passed over`() {
    let message =
      Self.header(questions: 1, answers: 3) + Self.question
      + Self.record(type: 5, [0xc0, 12])
      + Self.record([3, 0x61, 0x62, 0x63, 0, 1, 0x64]) + Self.record([0])
    #expect(records(message) == ["abcd", ""])
  }

  @Test func `an answer without records has none`() {
    #expect(records(Self.header(questions: 1, answers: 0) + Self.question) == [])
  }

  @Test func `a message that is cut off anywhere is damaged`() {
    let whole =
      Self.header(questions: 1, answers: 1) + Self.question + Self.record([2, 0x61, 0x62])
    #expect(records(whole) == ["ab"])
    for count in whole.indices { #expect(records(Array(whole[..<count])) == nil, "\(count)") }
  }

  @Test(arguments: [
    // A string longer than its record.
    Self.header(answers: 1) + Self.record([4, 0x61]),
    // A label of an unknown kind, and names without an end.
    Self.header(answers: 1) + [0x40, 0] + Self.record([0]),
    Self.header(answers: 1) + Array(repeating: 1, count: 100),
    // More records than there are.
    Self.header(answers: 255) + Self.record([0]),
  ])
  func `a damaged message is refused`(_ message: [UInt8]) {
    #expect(records(message) == nil)
  }

  @Test func `random bytes are read without a trap`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let message = (0..<Int.random(in: 0...80)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      _ = records(Self.header(questions: 1, answers: 9) + message)
      _ = records(message)
    }
  }
}
