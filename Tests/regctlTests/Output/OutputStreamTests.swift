import RegctlCore
import System
import Testing

@testable import regctl

@Suite("OutputStream") struct OutputStreamTests {
  @Test func `nothing is written before it is flushed`() throws {
    let capture = Capture()
    let stream = capture.stream()
    try stream.write("text")
    #expect(capture.text.isEmpty)
    try stream.flush()
    #expect(capture.text == "text")
  }

  @Test func `a full buffer is written`() throws {
    let capture = Capture()
    let stream = capture.stream()
    for _ in 0..<100_000 { try stream.write("x") }
    #expect(capture.bytes.count >= 65_536)
    try stream.flush()
    #expect(capture.bytes.count == 100_000)
  }

  @Test func `a failed write is reported with the stream's name`() throws {
    let stream = OutputStream(descriptor: -1, name: "standard output")
    try stream.write("text")
    let error = try #require(throws: CommandError.self) { try stream.flush() }
    guard case .output(let failure, isClosedPipe: false) = error else { throw error }
    #expect(failure.path == "standard output")
  }
}
