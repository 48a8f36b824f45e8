/// Writes bytes to a place of the caller's choice: all of them, or it throws.
package typealias ByteWriter = ([UInt8]) throws(FileError) -> Void
