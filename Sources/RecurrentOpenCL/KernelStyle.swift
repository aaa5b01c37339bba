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
  /// The maker of a GPU; nil for others, and for processors.
  let vendor: Vendor?
  /// Whether the device is a processor, whatever the style.
  let isProcessor: Bool
  /// The parts of the device that run work-groups by themselves: its compute units, except on Intel's GPUs, whose
  /// drivers count execution units, of which `unitsPerCore` share local memory.
  package let cores: Int
  /// The registers of a GPU's core, of 4 bytes.
  let coreRegisters: Int
  /// The work-items of a wave of AMD's GPUs; 0 if unknown, and for others.
  let waveSize: Int

  /// The style of a device: that of its type, or `kind`.
  init(_ device: OpenCLDevice, _ kind: Kind? = nil) {
    let vendor = Vendor(rawValue: device.number(CL_DEVICE_VENDOR_ID))
    let unitsPerCore: cl_uint = vendor == .intel ? device.number(CL_DEVICE_NUM_EUS_PER_SUB_SLICE_INTEL) : 0
    let lanes: cl_uint = vendor == .amd ? device.number(CL_DEVICE_WAVEFRONT_WIDTH_AMD) : 0
    self.init(
      kind ?? (device.isCPU ? .wide : .simt), vectorWidth: device.vectorWidth, units: device.units,
      maximumGroup: device.maximumGroup, localMemory: device.localMemory, isProcessor: device.isCPU, vendor: vendor,
      unitsPerCore: unitsPerCore == 0 ? nil : Int(unitsPerCore), lanes: Int(lanes))
  }

  /// The style of a device with these properties.
  /// - Parameter vectorWidth: The width of its registers in floats.
  /// - Parameter unitsPerCore: The compute units of Intel's GPUs that share local memory; nil for 16.
  /// - Parameter lanes: The work-items of AMD's wavefronts: 32 or 64.
  package init(
    _ kind: Kind, vectorWidth: Int = 1, units: Int, maximumGroup: Int, localMemory: Int, isProcessor: Bool = false,
    vendor: Vendor? = nil, unitsPerCore: Int? = nil, lanes: Int = 0
  ) {
    self.kind = kind
    width = kind == .simt ? 1 : vectorWidth >= 16 ? 16 : vectorWidth >= 8 ? 8 : 4
    self.maximumGroup = maximumGroup
    group = min(128, maximumGroup)
    self.localMemory = localMemory
    self.units = units
    self.isProcessor = isProcessor
    self.vendor = isProcessor ? nil : vendor
    cores = self.vendor == .intel ? max(1, units / (unitsPerCore ?? 16)) : units
    waveSize = self.vendor == .amd ? lanes : 0
    // AMD: 4 SIMDs of 512 × 64 (CDNA), or a pair of compute units with 1,536 × 32 (RDNA 3); a single one where the width
    // is unknown. Intel: 16 × 8 threads of 4 KB.
    coreRegisters =
      switch self.vendor {
      case .amd: lanes == 32 ? 196_608 : lanes == 64 ? 131_072 : 65_536
      case .intel: 131_072
      case .nvidia, nil: 65_536
      }
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
package struct Tile: Hashable, Codable, CustomStringConvertible {
  /// Rows of a work-item.
  package var rows: Int
  /// Vectors of a work-item of a product; kernels of cells set their own.
  package var columns = 2
  /// Work-items of a work-group along columns; 1 in the wide style.
  package var x = 1
  /// Work-items of a work-group along rows; 1 in the wide style.
  package var y = 1

  /// The rows of a tile.
  var height: Int { rows * y }

  package var description: String { "\(rows)×\(columns)" + (x * y > 1 ? " by \(x)×\(y)" : "") }
}

/// The build variants of a cell's kernels; see `cell.cl`.
package enum CellForm: Hashable {
  /// For one launch per step, or one per sequence without synchronization of work-groups.
  case usual
  /// For a persistent launch of one kernel, in the language in which the barrier works.
  case persistent(language: String, kernel: String, units: Int, grid: PersistentGrid)
  /// For the fallback launch after a persistent one.
  case fallback

  /// The language and the macros.
  var options: String {
    switch self {
    case .usual: "-cl-std=CL1.2"
    case .fallback: "-cl-std=CL1.2 -DFALLBACK=1"
    case .persistent(let language, let kernel, let units, let grid):
      "-cl-std=\(language) -DNEEDS_\(kernel) -DHIDDEN=\(units) -DPANELS=\(grid.panels)"
        + " -DROWS_AT_ONCE=\(grid.rowsAtOnce) -DSPLIT_ROWS=\(grid.splitRows)"
        + (grid.waves > 0 ? " -DWAVES_PER_SIMD=\(grid.waves)" : "")
        + (grid.gates > 0 ? " -DGATE_GROUPS=\(grid.gates)" : "")
    }
  }
}

extension KernelStyle {
  /// The language and the macros of a program with these tiles.
  package func options(_ tile: Tile?, _ form: CellForm = .usual) -> String {
    let base =
      "\(form.options) -DWIDTH=\(width)" + (kind == .simt ? " -DSIMT -DGROUP=\(sharedGroup)" : "")
      + (kind == .simt && isProcessor ? " -DKEEP_LOOPS" : "")
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
