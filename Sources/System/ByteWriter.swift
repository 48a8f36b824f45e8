/// Writes all bytes to a destination chosen by the caller, or throws.
package typealias ByteWriter = ([UInt8]) throws(FileError) -> Void
