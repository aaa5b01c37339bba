import COpenCL

/// How kernels are shaped for a device; the macros of `common.cl`.
///
/// One style so far, wide-vector: a work-item computes a tile of explicit vectors. It is right on every device and fast on
/// CPUs.
struct KernelStyle: Hashable, CustomStringConvertible {
  /// Floats in a vector.
  let width: Int
  /// Work-items of an elementwise work-group.
  let group: Int

  /// The style for a device: vectors as wide as its registers.
  init(_ device: OpenCLDevice) {
    let native: cl_uint = device.number(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, 4)
    width = native >= 16 ? 16 : native >= 8 ? 8 : 4
    group = min(128, device.maximumGroup)
  }

  /// Rows of a matrix product's tile: two vectors a row, and the sums must stay in registers (32 of them with 16 floats, 16
  /// else).
  var productRows: Int { width == 16 ? 8 : 4 }

  /// Rows of a cell's tile for a batch: of the sizes whose sums stay in registers, the one that wastes the fewest rows.
  func cellRows(_ batch: Int) -> Int {
    let sizes = width == 16 ? [6, 5, 4, 1] : [2, 1]
    func computed(_ rows: Int) -> Int { (batch + rows - 1) / rows * rows }
    // A larger tile reads U less often, so it may waste a little.
    return sizes.min { computed($0) * (16 + 16 / $0) < computed($1) * (16 + 16 / $1) } ?? 1
  }

  /// The macros of a program whose tiles have `rows` rows.
  func options(rows: Int) -> String { "-cl-std=CL1.2 -DWIDTH=\(width) -DROWS=\(rows)" }

  var description: String { "wide\(width)" }
}
