/// A JSON document that is one object whose values are neither objects nor arrays.
package struct JSONObject {
  private var members: [(name: String, value: JSONScalar)] = []

  /// Parses a document; `nil` for any other, and for one with a duplicate name.
  package init?(_ bytes: [UInt8]) {
    var reader = JSONReader(bytes)
    do throws(JSONError) {
      guard try reader.next() == .beginObject else { return nil }
      while case .name(let name) = try reader.next() {
        guard case .value(let value) = try reader.next(), self[name] == nil else { return nil }
        members.append((name, value))
      }
      guard try reader.next() == nil else { return nil }
    } catch {
      return nil
    }
  }

  /// The names, in order.
  package var names: [String] { members.map(\.name) }

  /// The value of a name, or `nil` when the object has none.
  package subscript(name: String) -> JSONScalar? {
    // By bytes, because Swift treats some different characters as equal.
    members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// Whether the object has these names and no others.
  package func has(only names: [String]) -> Bool {
    members.count == names.count && names.allSatisfy { self[$0] != nil }
  }

  /// The value of a name, if it is a string.
  package func text(_ name: String) -> String? {
    if case .text(let text) = self[name] { text } else { nil }
  }

  /// The value of a name, if it is a 64-bit integer written without an exponent.
  package func integer(_ name: String) -> Int64? {
    if case .number(let number) = self[name] { Int64(number) } else { nil }
  }

  /// The value of a name, if it is `true` or `false`.
  package func boolean(_ name: String) -> Bool? {
    if case .boolean(let boolean) = self[name] { boolean } else { nil }
  }
}
