/// SQL assembled at run time that is run many times, so that an engine may compile it once.
package final class AssembledStatement {
  package let text: SQLText

  /// What an engine made of it.
  package var compiled: AnyObject?

  package init(_ text: SQLText) { self.text = text }
}
