import COpenCL
import RecurrentCore

/// How kernels are shaped for a device; see `common.cl`.
package struct KernelStyle: Hashable, CustomStringConvertible {
  /// The two styles.
  package enum Kind: String, CaseIterable, Codable, Sendable {
    /// A work-item computes with vectors as wide as the registers: for processors.
    case wide
    /// Work-items stand side by side in work-groups that share local memory: for GPUs.
    case simt
  }

  let kind: Kind
  /// Floats in a vector; 1 in SIMT.
  let width: Int
  /// Work-items of an elementwise work-group.
  let group: Int
  /// The most work-items of any work-group.
  let maximumGroup: Int
  /// Bytes of local memory that a work-group has.
  let localMemory: Int
  /// Compute units of the device.
  let units: Int

  /// A style for a device: the one that suits what the device is, or `kind`.
  init(_ device: OpenCLDevice, _ kind: Kind? = nil) {
    self.kind = kind ?? (device.isCPU ? .wide : .simt)
    width = self.kind == .simt ? 1 : device.vectorWidth >= 16 ? 16 : device.vectorWidth >= 8 ? 8 : 4
    maximumGroup = device.maximumGroup
    group = min(128, maximumGroup)
    localMemory = device.localMemory
    units = device.units
  }

  /// The rows of a wide tile of `vectors` vectors for a product of `rows` rows: of the sizes up to `most` whose sums stay in
  /// registers (32 of them with 16 floats, 16 else), the one that wastes the fewest rows.
  func tileRows(_ rows: Int, vectors: Int, most: Int) -> Int {
    let fitting = ((width == 16 ? 32 : 16) - vectors - 1) / vectors
    let sizes = [1, 2, 4, 5, 6, 8, 10, 12].filter { $0 <= max(1, min(most, fitting)) }
    // A larger tile reads the right operand less often, so it may waste a little.
    func cost(_ size: Int) -> Int { (rows + size - 1) / size * (16 * size + 16) }
    return sizes.min { (cost($0), $1) < (cost($1), $0) } ?? 1
  }

  package var description: String { kind == .wide ? "wide\(width)" : "simt" }
}

/// The shape of a program's tiles; see `tile.cl`.
struct Tile: Hashable, Codable, CustomStringConvertible {
  /// Rows of a work-item.
  var rows: Int
  /// Vectors of a work-item of a product; a cell's kernels have their own.
  var columns = 2
  /// Work-items of a work-group side by side; 1 in the wide style.
  var x = 1
  /// Work-items of a work-group one below the other; 1 in the wide style.
  var y = 1

  /// The rows of a tile.
  var height: Int { rows * y }

  var description: String { "\(rows)×\(columns)" + (x * y > 1 ? " by \(x)×\(y)" : "") }
}

/// How a cell's kernels are built; see `cell.cl`.
enum CellForm: Hashable {
  /// For a launch a step, or one in which no work-group waits for another.
  case usual
  /// For a persistent launch, in the language in which the barrier holds; a group keeps so many panels of U, and multiplies
  /// so many rows side by side.
  case persistent(language: String, units: Int, panels: Int, rows: Int)
  /// For the launch behind it, which does what that one did not.
  case fallback

  /// The language and the macros.
  var options: String {
    switch self {
    case .usual: "-cl-std=CL1.2"
    case .fallback: "-cl-std=CL1.2 -DFALLBACK=1"
    case .persistent(let language, let units, let panels, let rows):
      "-cl-std=\(language) -DHIDDEN=\(units) -DPANELS=\(panels) -DROWS_AT_ONCE=\(rows)"
    }
  }
}

extension KernelStyle {
  /// The language and the macros of a program with these tiles.
  func options(_ tile: Tile?, _ form: CellForm = .usual) -> String {
    let base = "\(form.options) -DWIDTH=\(width)" + (kind == .simt ? " -DSIMT -DGROUP=\(sharedGroup)" : "")
    guard let tile else { return base }
    let shape = base + " -DROWS=\(tile.rows) -DCOLUMNS=\(tile.columns)"
    return kind == .simt ? shape + " -DLANES_X=\(tile.x) -DLANES_Y=\(tile.y)" : shape
  }

  /// Columns of a vector of a tile.
  func lanes(_ tile: Tile) -> Int { kind == .wide ? width : tile.x }

  /// The work-items of so many tiles, and those of a work-group.
  func range(_ tile: Tile, rows: Int, columns: Int, batch: Int = 1) -> (items: [Int], group: [Int]) {
    switch kind {
    case .wide: ([rows, columns, batch], [])
    case .simt: ([columns * tile.x, rows * tile.y, batch], [tile.x, tile.y])
    }
  }
}
