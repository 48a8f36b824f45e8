/// A header field of unstructured text besides those that every message has (RFC 5322, section 3.6.8).
package struct FurtherHeader: Equatable, Sendable {
  package let name: String
  package let body: String

  /// Creates a field from validated parts: the body is printable ASCII in words that fit on a line.
  package init(name: String, body: String) {
    self.name = name
    self.body = body
  }
}
