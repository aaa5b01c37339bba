import COpenCL
import RecurrentCore

/// The kernel style of a device; see `common.cl`.
package struct KernelStyle: Hashable, CustomStringConvertible {
  /// The two styles.
  package enum Kind: String, CaseIterable, Codable, Sendable {
    /// A work-item computes with vectors of the width of the registers: for processors.
    case wide
    /// Work-items form work-groups that share local memory: for GPUs.
    case simt
  }

  let kind: Kind
  /// Floats in a vector; 1 in SIMT.
  let width: Int
  /// Work-items of an elementwise work-group.
  let group: Int
  /// The maximum number of work-items in a work-group.
  let maximumGroup: Int
  /// The local memory of a work-group in bytes.
  let localMemory: Int
  /// Compute units of the device.
  let units: Int

  /// The style of a device: that of its type, or `kind`.
  init(_ device: OpenCLDevice, _ kind: Kind? = nil) {
    self.kind = kind ?? (device.isCPU ? .wide : .simt)
    width = self.kind == .simt ? 1 : device.vectorWidth >= 16 ? 16 : device.vectorWidth >= 8 ? 8 : 4
    maximumGroup = device.maximumGroup
    group = min(128, maximumGroup)
    localMemory = device.localMemory
    units = device.units
  }

  /// The rows of a wide tile of `vectors` vectors for a product of `rows` rows: of the sizes up to `most` whose sums
  /// stay in registers (32 with 16 floats, else 16), the one that wastes the fewest rows.
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
  /// Vectors of a work-item of a product; kernels of cells set their own.
  var columns = 2
  /// Work-items of a work-group along columns; 1 in the wide style.
  var x = 1
  /// Work-items of a work-group along rows; 1 in the wide style.
  var y = 1

  /// The rows of a tile.
  var height: Int { rows * y }

  var description: String { "\(rows)×\(columns)" + (x * y > 1 ? " by \(x)×\(y)" : "") }
}

/// The build variants of a cell's kernels; see `cell.cl`.
enum CellForm: Hashable {
  /// For one launch per step, or one per sequence without synchronization of work-groups.
  case usual
  /// For a persistent launch, in the language in which the barrier works, with the panels of U per group and the rows
  /// multiplied at a time.
  case persistent(language: String, units: Int, panels: Int, rows: Int)
  /// For the fallback launch after a persistent one.
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

  /// The work-items of a number of tiles, and of a work-group.
  func range(_ tile: Tile, rows: Int, columns: Int, batch: Int = 1) -> (items: [Int], group: [Int]) {
    switch kind {
    case .wide: ([rows, columns, batch], [])
    case .simt: ([columns * tile.x, rows * tile.y, batch], [tile.x, tile.y])
    }
  }
}
