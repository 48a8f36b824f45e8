internal import RegctlCore

/// Writes accounts with all that the table holds of them, for `regctl import` and other programs.
///
/// It does by the byte what lists do by the value, for a million of them.
enum AccountRenderer {
  /// The names of the columns, as the line that CSV begins with.
  static let csvHeader = "id,email,password,registered_on,admin,confirmed,confirmed_on\r\n"

  /// Appends records of CSV (RFC 4180); `NULL` is empty.
  ///
  /// For a terminal what is dangerous there is escaped.
  static func appendCSV(
    _ stored: StoredAccounts, isTerminal: Bool = false, to output: inout [UInt8]
  ) {
    for account in stored.accounts {
      output += String(account.id.rawValue).utf8
      for part in [
        account.email, account.password, account.registeredOn, account.admin, account.confirmed,
        account.confirmedOn,
      ] {
        output.append(UInt8(ascii: ","))
        guard let part else { continue }
        let text = stored.text[part]
        appendCSV(isTerminal ? escaped(text) : text, to: &output)
      }
      output += "\r\n".utf8
    }
  }

  private static func escaped(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    Array(TerminalText.escape(String(decoding: text, as: UTF8.self)).utf8)[...]
  }

  private static func appendCSV(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    guard text.contains(where: { $0 == quote || $0 == UInt8(ascii: ",") || $0 < 0x20 }) else {
      output += text
      return
    }
    output.append(quote)
    for byte in text {
      if byte == quote { output.append(quote) }
      output.append(byte)
    }
    output.append(quote)
  }

  /// Appends JSON objects of schema 1, one a line.
  static func appendJSONLines(_ stored: StoredAccounts, to output: inout [UInt8]) {
    func append(_ part: Range<Int>?) {
      guard let part else {
        output += "null".utf8
        return
      }
      JSONRenderer.append(utf8: stored.text[part], to: &output)
    }
    func append(flag part: Range<Int>?) {
      guard let part, let boolean = boolean(stored.text[part]) else { return append(part) }
      output += (boolean ? "true" : "false").utf8
    }
    for account in stored.accounts {
      output += #"{"schema":1,"id":"#.utf8
      output += String(account.id.rawValue).utf8
      output += #","email":"#.utf8
      append(account.email)
      output += #","password":"#.utf8
      append(account.password)
      output += #","registered_on":"#.utf8
      append(account.registeredOn)
      output += #","admin":"#.utf8
      append(flag: account.admin)
      output += #","confirmed":"#.utf8
      append(flag: account.confirmed)
      output += #","confirmed_on":"#.utf8
      append(account.confirmedOn)
      output += "}\n".utf8
    }
  }

  /// The same values as rows of a list.
  static func rows(of stored: StoredAccounts) -> [[ReportValue]] {
    func value(_ part: Range<Int>?) -> ReportValue {
      part.map { .text(String(decoding: stored.text[$0], as: UTF8.self)) } ?? .null
    }
    func flag(_ part: Range<Int>?) -> ReportValue {
      part.flatMap { boolean(stored.text[$0]) }.map(ReportValue.boolean) ?? value(part)
    }
    return stored.accounts.map { account in
      [
        .integer(account.id.rawValue), value(account.email), value(account.password),
        value(account.registeredOn), flag(account.admin), flag(account.confirmed),
        value(account.confirmedOn),
      ]
    }
  }

  /// What a column of Booleans holds, or `nil` when that is neither 0 nor 1.
  private static func boolean(_ text: ArraySlice<UInt8>) -> Bool? {
    guard text.count == 1 else { return nil }
    switch text.first {
    case UInt8(ascii: "0"): return false
    case UInt8(ascii: "1"): return true
    default: return nil
    }
  }
}
