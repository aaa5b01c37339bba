import COpenCL

/// Queries the properties of a platform or a device.
struct OpenCLQuery {
  /// The call: `clGetDeviceInfo`.
  let call: String
  /// The call, with its parameter, the size and address of the result, and the address of its actual size.
  let ask: (cl_uint, Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int

  /// A text property.
  /// - Throws: `OpenCLError`.
  func text(_ parameter: Int32) throws -> String {
    var size = 0
    try check(ask(cl_uint(parameter), 0, nil, &size))
    guard size > 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: size)
    try check(ask(cl_uint(parameter), size, &bytes, nil))
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// A numeric property, which must have the size defined by the API.
  /// - Throws: `OpenCLError`.
  func number<Number: FixedWidthInteger>(_ parameter: Int32) throws -> Number {
    try numbers(parameter, count: 1)[0]
  }

  /// An array of numbers.
  /// - Throws: `OpenCLError`.
  func numbers<Number: FixedWidthInteger>(_ parameter: Int32, count: Int) throws -> [Number] {
    var values = [Number](repeating: 0, count: count)
    try check(ask(cl_uint(parameter), count * MemoryLayout<Number>.size, &values, nil))
    return values
  }

  private func check(_ status: cl_int) throws {
    guard status == CL_SUCCESS else { throw OpenCLError(call: call, status: status) }
  }
}
