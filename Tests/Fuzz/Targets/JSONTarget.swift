internal import Base

/// JSON: what is read can be written, and is then read as the same.
struct JSONTarget: FuzzTarget {
  static let name = "json"

  func check(_ input: [UInt8]) {
    if let pieces = Self.pieces(input) {
      requireNesting(pieces)
      for escaping in [JSONWriter.Escaping.minimal, .terminal] {
        let written = Self.written(pieces, escaping)
        Property.require(
          Self.pieces(written).map(Self.bytes) == Self.bytes(pieces),
          "a document is read as it was written")
        if escaping == .terminal { requireSafe(written) }
      }
    }
    if let object = JSONObject(input) {
      Property.require(
        Set(object.names.map { Array($0.utf8) }).count == object.names.count, "names differ")
      Property.require(object.has(only: object.names), "an object has its names")
    }
    requireString(String(decoding: input, as: UTF8.self))
    let isPlain = input.withUnsafeBytes { PlainBytes.arePlain($0) }
    Property.require(
      isPlain == input.allSatisfy { (0x20..<0x80).contains($0) && $0 != UInt8(ascii: "\\") },
      "eight bytes at a time are checked as one by one")
  }

  /// The pieces of a document; `nil` for an invalid one.
  private static func pieces(_ document: [UInt8]) -> [JSONReader.Piece]? {
    var reader = JSONReader(document)
    var pieces: [JSONReader.Piece] = []
    do throws(JSONError) {
      while let piece = try reader.next() { pieces.append(piece) }
    } catch {
      if case .syntax(let byte) = error {
        Property.require(
          (1...document.count + 1).contains(byte), "an error is within the document")
      }
      return nil
    }
    return pieces
  }

  private func requireNesting(_ pieces: [JSONReader.Piece]) {
    var depth = 0
    for piece in pieces {
      switch piece {
      case .beginObject, .beginArray: depth += 1
      case .endObject, .endArray: depth -= 1
      case .name: Property.require(depth > 0, "a name is within an object")
      case .value: break
      }
      Property.require((0...64).contains(depth), "nesting has a limit")
    }
    Property.require(depth == 0 && !pieces.isEmpty, "a document is whole")
  }

  /// The document that pieces make; a number is written as it was.
  private static func written(
    _ pieces: [JSONReader.Piece], _ escaping: JSONWriter.Escaping
  ) -> [UInt8] {
    var output: [UInt8] = []
    var needsComma = false
    for piece in pieces {
      let isEnd = piece == .endObject || piece == .endArray
      if needsComma, !isEnd { output.append(UInt8(ascii: ",")) }
      needsComma = true
      switch piece {
      case .beginObject, .beginArray:
        output += (piece == .beginObject ? "{" : "[").utf8
        needsComma = false
      case .endObject: output += "}".utf8
      case .endArray: output += "]".utf8
      case .name(let name):
        JSONWriter.append(name, escaping, to: &output)
        output += " : ".utf8
        needsComma = false
      case .value(.null): output += "null".utf8
      case .value(.boolean(let boolean)): output += "\(boolean)".utf8
      case .value(.number(let number)): output += number.utf8
      case .value(.text(let text)): JSONWriter.append(text, escaping, to: &output)
      }
    }
    return output
  }

  /// Equal for the same pieces: Swift takes different bytes for the same text.
  private static func bytes(_ pieces: [JSONReader.Piece]) -> [[UInt8]] {
    pieces.map { piece in
      switch piece {
      case .beginObject, .endObject, .beginArray, .endArray: Array("\(piece)".utf8)
      case .name(let name): [0] + Array(name.utf8)
      case .value(.text(let text)): [1] + Array(text.utf8)
      case .value(.number(let text)): [2] + Array(text.utf8)
      case .value(let scalar): Array("\(scalar)".utf8)
      }
    }
  }

  private func requireString(_ text: String) {
    let document = Array(JSONWriter.array(of: [text]).utf8)
    Property.require(
      Self.pieces(document).map(Self.bytes)
        == Self.bytes([.beginArray, .value(.text(text)), .endArray]),
      "every string can be written")
  }

  private func requireSafe(_ written: [UInt8]) {
    Property.require(
      !String(decoding: written, as: UTF8.self).unicodeScalars.contains {
        $0.isDangerousOnTerminal
      }, "what is written for a terminal is safe to display")
  }
}
