internal import Base
@_spi(_Unicode) internal import Swift

/// The rules for local parts with characters beyond ASCII.
///
/// RFC 6531 allows every character. Those that are not visible, or that change how others are shown,
/// are refused, because two addresses could not be told apart.
enum LocalPart {
  /// Why a local part is not acceptable; `nil` if it is.
  ///
  /// A new one must be in Unicode normal form C, as RFC 6532, section 3.1, recommends: other spellings
  /// of the same characters would be other accounts. A stored one is as the application stored it.
  static func fault(in bytes: ArraySlice<UInt8>, isStored: Bool) -> AddressError.Fault? {
    let text = String(decoding: bytes, as: UTF8.self)
    if let scalar = text.unicodeScalars.first(where: isInvisible) { return .invisible(scalar) }
    if isStored { return nil }
    let normal = inNormalForm(text)
    if normal.utf8.elementsEqual(bytes) { return nil }
    // That of the Kelvin sign is the letter K: another account's address, which is not proposed.
    let isASCIIAdded = asciiCount(normal) > asciiCount(text)
    return .notNormal(isASCIIAdded ? nil : normal)
  }

  private static func asciiCount(_ text: String) -> Int {
    text.unicodeScalars.count { $0.isASCII }
  }

  /// Whether a character is a control, format or blank one, has no width, or is none.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return false }
    if scalar.isDangerousOnTerminal { return true }
    if scalar.properties.isDefaultIgnorableCodePoint { return true }
    if scalar.properties.isNoncharacterCodePoint { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .surrogate,
      .privateUse:
      return true
    default:
      return false
    }
  }

  /// The text in normal form C (Unicode Standard Annex 15), by the tables of the standard library.
  private static func inNormalForm(_ text: String) -> String {
    var normal = String.UnicodeScalarView()
    for scalar in text._nfc { normal.append(scalar) }
    return String(normal)
  }
}
