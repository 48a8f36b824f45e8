internal import Base

/// A JSON document in one form for all texts of it: without blanks, and with the members of objects in
/// order.
///
/// The archive of a server keeps a document, not its text.
enum NormalizedJSON {
  private indirect enum Node {
    case scalar(JSONScalar)
    case array([Node])
    case object([(name: String, value: Node)])
  }

  /// The text in that form; `nil` if it is not JSON.
  static func text(_ text: String) -> String? {
    var reader = JSONReader(Array(text.utf8))
    do throws(JSONError) {
      guard let piece = try reader.next() else { return nil }
      let node = try read(piece, &reader)
      guard try reader.next() == nil else { return nil }
      var writer = JSONWriter(.minimal)
      write(node, to: &writer)
      return writer.text
    } catch {
      return nil
    }
  }

  private static func read(
    _ piece: JSONReader.Piece, _ reader: inout JSONReader
  ) throws(JSONError) -> Node {
    switch piece {
    case .value(let scalar): return .scalar(scalar)
    case .beginArray:
      var elements: [Node] = []
      while let next = try reader.next(), next != .endArray {
        elements.append(try read(next, &reader))
      }
      return .array(elements)
    case .beginObject:
      var members: [(name: String, value: Node)] = []
      while case .name(let name) = try reader.next(), let value = try reader.next() {
        // Of members with one name the last counts.
        members.removeAll { $0.name.utf8.elementsEqual(name.utf8) }
        members.append((name, try read(value, &reader)))
      }
      return .object(
        members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    // The reader lets no document begin with these.
    case .endArray, .endObject, .name: return .scalar(.null)
    }
  }

  private static func write(_ node: Node, to writer: inout JSONWriter) {
    switch node {
    case .scalar(.null): writer.null()
    case .scalar(.boolean(let boolean)): writer.value(boolean)
    case .scalar(.number(let number)): writer.value(document: number)
    case .scalar(.text(let text)): writer.value(text)
    case .array(let elements):
      writer.beginArray()
      for element in elements { write(element, to: &writer) }
      writer.endArray()
    case .object(let members):
      writer.beginObject()
      for (name, value) in members {
        writer.name(name)
        write(value, to: &writer)
      }
      writer.endObject()
    }
  }
}
