internal import SQL

/// Rights on tables, or on a sequence, of a server.
struct TableRights {
  enum Privilege: String {
    case select, insert, update, delete, usage

    /// The keyword.
    var text: String { rawValue.uppercased() }
  }

  /// A privilege for all columns, or for some.
  enum Right {
    case all(Privilege)
    case columns(Privilege, [String])

    var privilege: Privilege {
      switch self {
      case .all(let privilege), .columns(let privilege, _): privilege
      }
    }

    fileprivate var text: String {
      switch self {
      case .all(let privilege): privilege.text
      case .columns(let privilege, let names):
        "\(privilege.text) (\(names.map(Names.quoted).joined(separator: ", ")))"
      }
    }
  }

  let rights: [Right]

  /// The names in SQL: regctl's own, or qualified and quoted.
  let objects: [String]
  let isSequence: Bool

  /// Rights on an object of the application, by its qualified name.
  init(_ rights: [Right], on object: String, isSequence: Bool = false) {
    self.rights = rights
    objects = [object]
    self.isSequence = isSequence
  }

  /// Rights on tables of regctl.
  init(_ rights: [Right], onOwn tables: String...) {
    self.rights = rights
    objects = tables
    isSequence = false
  }

  /// `SELECT, UPDATE ("account_id")`.
  var privilegeText: String { rights.map(\.text).joined(separator: ", ") }

  /// `SEQUENCE "public"."users_id_seq"`.
  var objectText: String { (isSequence ? "SEQUENCE " : "") + objects.joined(separator: ", ") }
}
