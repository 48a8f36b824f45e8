extension Unicode.Scalar {
  /// Whether a character could move a terminal's cursor, hide text or reverse it: control,
  /// bidirectional and invisible characters.
  package var isDangerousOnTerminal: Bool {
    switch value {
    case 0x00...0x1f, 0x7f...0x9f: true
    case 0x061c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x2069, 0xfeff: true
    case 0xe0000...0xe007f: true
    default: false
    }
  }
}
