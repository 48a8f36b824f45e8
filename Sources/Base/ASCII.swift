/// Classes of ASCII characters.
extension UInt8 {
  /// Whether this is a digit: `0` to `9`.
  @inlinable package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  /// Whether this is a capital letter: `A` to `Z`.
  @inlinable package var isCapital: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }

  /// Whether this is a small letter: `a` to `z`.
  @inlinable package var isSmallLetter: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
  }

  /// Whether this is a letter: `A` to `Z` or `a` to `z`.
  @inlinable package var isLetter: Bool { isCapital || isSmallLetter }

  /// Whether this is a letter or a digit.
  @inlinable package var isLetterOrDigit: Bool { isLetter || isDigit }

  /// Whether this is a printable character other than the space: `!` to `~`.
  @inlinable package var isVisible: Bool { (0x21...0x7e).contains(self) }

  /// Whether this is a visible character or the space.
  @inlinable package var isPrintable: Bool { (0x20...0x7e).contains(self) }

  /// Whether this is a control character: 0x00 to 0x1F, or 0x7F.
  @inlinable package var isControl: Bool { self < 0x20 || self == 0x7f }

  /// The small letter of a capital; any other byte unchanged.
  @inlinable package var lowercased: UInt8 { isCapital ? self | 0x20 : self }
}
