import Recurrent
import RecurrentCPU
import RecurrentReference
import Testing

@testable import RecurrentModel

/// Errors name the shapes that were given, not those of the matrices that kernels see.
@Suite struct ShapeErrorTests {
  @Test func productsNameTheirShapes() throws {
    let tape = referenceTape()
    let x = try tape.full([2, 4], 1)
    #expect(
      message { _ = try x.linear(tape.full([3, 2], 1)) }
        == "linear: a weight of shape [3, 2] for an input of shape [2, 4]; give a weight of shape [M, 4]")
    #expect(
      message { _ = try x.linear(tape.full([3, 4], 1), bias: tape.full([4], 1)) }
        == "linear: a bias of shape [4] for a weight of shape [3, 4]; give a bias of shape [3]")
    #expect(
      message { _ = try x.matmul(tape.full([3, 5], 1)) }
        == "matmul: left operand of shape [2, 4], right operand of shape [3, 5]; "
        + "give a right operand of shape [4, N]")
    #expect(
      message { _ = try x.matmul(tape.full([4, 5], 1), transposed: true) }
        == "matmul: left operand of shape [2, 4], transposed right operand of shape [4, 5]; "
        + "give a right operand of shape [N, 4]")
    let (a, b) = (try tape.full([2, 3, 4], 1), try tape.full([2, 5, 6], 1))
    #expect(
      message { _ = try a.batchedMatmul(b) }
        == "batched matmul: shapes [2, 3, 4] and [2, 5, 6]: inner dimensions 4 and 5; "
        + "check the batch axes and transpositions")
    #expect(
      message { _ = try a.batchedMatmul(b, axes: (.middle, .first, .first)) }?
        .contains("shapes [2, 3, 4] and [2, 5, 6]: batch sizes 3 and 2") == true)
  }

  @Test func layersNameTheirShapes() throws {
    let tape = referenceTape()
    let norm = try LayerNorm(3)
    try norm.move(to: Device(tape.backend))
    #expect(
      message { _ = try norm(tape.full([2, 4], 1)) }
        == "LayerNorm(3): the input has shape [2, 4]; its last axis must have length 3")
    #expect(
      message { _ = try tape.full([2, 4], 1).softmax(mask: tape.mask([true], shape: [1, 3])) }
        == "mask: 1 values for shape [1, 3]")
  }

  @Test func anOperationOfOnesOwnIsToldWhichGradientDoesNotFit() throws {
    let tape = referenceTape()
    let x = try tape.tensor([1, 2, 3, 4, 5, 6], shape: [3, 1, 2], needsGradient: true)
    let y = try tape.record(tape.allocate(rows: 3, columns: 2), shape: [3, 2], from: [x]) { tape, _, _ in
      [try tape.allocate(rows: 2, columns: 3)]
    }
    #expect(
      message { try y.sum().backward() }
        == "record: a gradient of 2 × 3 for input 0, of shape [3, 1, 2]; return one of 3 × 2")
  }

  @Test func aStateNamesItsPart() throws {
    let tape = referenceTape()
    let (lstm, gru) = (try LSTM(input: 2, hidden: 3), try GRU(input: 2, hidden: 3))
    for module in [lstm, gru] as [any Module] { try module.move(to: Device(tape.backend)) }
    let x = try tape.full([4, 2, 2], 1)
    let (h, wrong) = (try tape.full([1, 2, 3], 0), try tape.full([1, 3, 3], 0))
    #expect(
      message { _ = try lstm(x, state: RecurrentState(h: h)) }
        == "LSTM: the state has no c; give both: RecurrentState(h: h, c: c)")
    #expect(
      message { _ = try gru(x, state: RecurrentState(h: h, c: h)) }
        == "GRU: the state has a c; only an LSTM has one: RecurrentState(h: h)")
    #expect(
      message { _ = try lstm(x, state: RecurrentState(h: h, c: wrong)) }?
        .hasPrefix("LSTM: c of the state has shape [1, 3, 3], not [1, 2, 3]") == true)
    #expect(
      message { _ = try gru(x, state: RecurrentState(h: wrong)) }?
        .hasPrefix("GRU: h of the state has shape [1, 3, 3], not [1, 2, 3]") == true)
  }

  @Test func twoDevicesOfOneNameAreTold() throws {
    let dense = try Dense(input: 2, output: 1)
    try dense.move(to: Device(CPUBackend()))
    let tape = Tape(Device(try CPUBackend()))
    let error = message { _ = try dense(tape.full([1, 2], 1)) }
    #expect(
      error == "parameter: a parameter of shape [1, 2] is on another device named cpu; "
        + "open the device once and use it for the model and the tape: Tape(model.device())")
    let elsewhere = message { _ = try dense(referenceTape().full([1, 2], 1)) }
    #expect(elsewhere?.contains("is not on reference") == true)
  }
}
