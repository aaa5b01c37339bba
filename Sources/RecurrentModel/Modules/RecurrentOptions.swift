/// What the initializers of Elman, LSTM and GRU have in common.
struct RecurrentOptions {
  var input: Int
  var hidden: Int
  var layers: Int
  var isBidirectional: Bool
  var dropout: Float
  var bias: CellBias
  var isBatchFirst: Bool
  var initialization: RecurrentInitialization?
}
