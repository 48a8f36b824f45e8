import Testing

@testable import PostgreSQL

@Suite("ConnectionMessage") struct ConnectionMessageTests {
  @Test func `the code of the server's error is found and left out`() {
    let message = ConnectionMessage(
      """
      connection to server at "127.0.0.1", port 5432 failed: FATAL:  3D000: database "x" does not \
      exist
      LOCATION:  InitPostgres, postinit.c:885

      """)
    #expect(message.state == "3D000")
    #expect(
      message.text == """
        connection to server at "127.0.0.1", port 5432 failed: FATAL:  database "x" does not exist
        """)
  }

  @Test func `a message of libpq has no code, and is on one line`() {
    let message = ConnectionMessage(
      """
      connection to server on socket "/x/.s.PGSQL.1" failed: No such file or directory
      \tIs the server running locally and accepting connections on that socket?

      """)
    #expect(message.state.isEmpty)
    #expect(
      message.text == """
        connection to server on socket "/x/.s.PGSQL.1" failed: No such file or directory; Is the \
        server running locally and accepting connections on that socket?
        """)
  }

  @Test func `of several attempts the last one counts`() {
    let message = ConnectionMessage("FATAL:  28000: no encryption\nFATAL:  57P03: starting up\n")
    #expect(message.state == "57P03")
    #expect(message.text == "FATAL:  no encryption; FATAL:  starting up")
  }

  @Test(arguments: ["", "FATAL:  28P0: x", "FATAL:  28p01: x", "FATAL: 28P01: x", "x:  28P01"])
  func `what is not a code stays`(_ text: String) {
    #expect(ConnectionMessage(text).state.isEmpty)
    #expect(ConnectionMessage(text).text == text)
  }
}
