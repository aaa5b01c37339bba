/// The hypotheses of a source: a tree of tokens, whose root is the boundary that begins all of them.
struct HypothesisTree {
  private struct Node {
    var token: Int32
    var parent: Int32
    var logProbability: Float
    /// The offset of the weights of attention with which the tokens that follow were predicted; nil without attention.
    var attention: Int?
  }

  /// The index of the root.
  static let root = 0

  private var nodes = [Node(token: -1, parent: -1, logProbability: 0)]
  private var attention: [Float] = []
  private let sourceLength: Int

  /// The tree of no tokens.
  init(sourceLength: Int) {
    self.sourceLength = sourceLength
  }

  /// Sets the weights of attention with which the tokens that follow a node are predicted.
  mutating func setAttention(_ weights: UnsafeBufferPointer<Float>, after node: Int) {
    nodes[node].attention = attention.count
    attention.append(contentsOf: weights)
  }

  /// Adds a token and returns its node.
  mutating func append(_ token: Int32, logProbability: Float, to parent: Int) -> Int {
    nodes.append(Node(token: token, parent: Int32(parent), logProbability: logProbability))
    return nodes.count - 1
  }

  /// The nodes on the path to a node, without the root.
  private func path(to node: Int) -> [Int] {
    var path: [Int] = []
    var node = node
    while node != Self.root {
      path.append(node)
      node = Int(nodes[node].parent)
    }
    path.reverse()
    return path
  }

  /// The tokens on the path to a node.
  func tokens(to node: Int) -> [Int32] { path(to: node).map { nodes[$0].token } }

  /// The rows of attention of the tokens on the path to a node and of what follows it; empty without attention.
  private func attention(through node: Int) -> [ArraySlice<Float>] {
    ([Self.root] + path(to: node)).compactMap { node in
      nodes[node].attention.map { attention[$0..<($0 + sourceLength)] }
    }
  }

  /// How much attention every step of the source has had, once what follows a node is predicted.
  func coverage(through node: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: sourceLength)
    for row in attention(through: node) {
      for (step, weight) in zip(sums.indices, row) { sums[step] += Double(weight) }
    }
    return sums
  }

  /// The hypothesis that a boundary after a node ends.
  func hypothesis(through node: Int, boundaryLogProbability: Float, score: Double) -> Hypothesis {
    Hypothesis(
      tokens: tokens(to: node),
      tokenLogProbabilities: path(to: node).map { nodes[$0].logProbability } + [boundaryLogProbability],
      attention: attention(through: node).map(Array.init), score: score)
  }
}
