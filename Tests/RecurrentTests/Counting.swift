import Recurrent
import RecurrentCore

/// Counts what a backend allocates, uploads and downloads, and remembers the products' sizes.
final class Counting {
  private(set) var allocations = 0
  private(set) var downloads = 0
  private(set) var uploadedBytes = 0
  private(set) var products: [(rows: Int, columns: Int, depth: Int)] = []
  private let inner: any Backend

  init(_ inner: any Backend) { self.inner = inner }

  /// The backend, counted.
  var backend: any Backend {
    ObservedBackend(inner) { [self] operation, run in
      if operation.name == "allocate" { allocations += 1 }
      if operation.name == "download" { downloads += 1 }
      if operation.name == "upload" { uploadedBytes += operation.bytes }
      if operation.name == "matmul" {
        let result = operation.operands[2]
        products.append((result.rows, result.columns, operation.flops / (2 * result.count)))
      }
      try run()
    }
  }
}
