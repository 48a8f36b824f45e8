internal import Base

/// The payload of a token.
package struct TokenPayload: Equatable, Sendable {
  package let email: String

  /// The condition under which the token is valid: the password that a reset replaces, or the
  /// request of a change of address. A confirmation has none, as in the application.
  package let binding: String?

  package init(email: String, binding: String? = nil) {
    self.email = email
    self.binding = binding
  }

  /// Encodes the payload like `json.dumps` with compact separators: the address, or a list of
  /// address and binding.
  func encode(to output: inout [UInt8]) {
    guard let binding else { return JSONWriter.append(email, .minimal, to: &output) }
    var writer = JSONWriter(.minimal)
    writer.beginArray()
    writer.value(email)
    writer.value(binding)
    writer.endArray()
    output += writer.bytes
  }

  /// Decodes a payload; `nil` for any other document.
  init?(decoding bytes: [UInt8]) {
    var reader = JSONReader(bytes)
    do throws(JSONError) {
      switch try reader.next() {
      case .value(.text(let email)):
        self.init(email: email)
      case .beginArray:
        guard case .value(.text(let email)) = try reader.next(),
          case .value(.text(let binding)) = try reader.next(), try reader.next() == .endArray
        else { return nil }
        self.init(email: email, binding: binding)
      default:
        return nil
      }
      guard try reader.next() == nil else { return nil }
    } catch {
      return nil
    }
  }
}
