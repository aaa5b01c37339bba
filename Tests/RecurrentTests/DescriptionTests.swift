import Recurrent
import RecurrentReference
import Testing

@testable import RecurrentModel

/// What `print` shows of numbers, and how parameters are found by name.
@Suite struct DescriptionTests {
  private func text(_ values: [Float], _ shape: [Int]) throws -> String {
    let text = try "\(referenceTape().tensor(values, shape: shape))"
    let title = "Tensor of shape \(shape)\n"
    #expect(text.hasPrefix(title))
    return String(text.dropFirst(title.count))
  }

  /// The numbers between the brackets as torch 2.13 prints them.
  @Test func numbersAreWrittenAsPyTorchWritesThem() throws {
    #expect(try text([1, 2, 3, 4], [2, 2]) == "[[1., 2.],\n [3., 4.]]")
    #expect(try text([3.5], []) == "3.5000")
    #expect(try text([1.5, .nan, -.infinity], [3]) == "[1.5000,    nan,   -inf]")
    #expect(try text([1e-5, 1], [2]) == "[1.0000e-05, 1.0000e+00]")
    #expect(
      try text([0.1, -2.5, 1000, 4], [2, 2]) == "[[ 1.0000e-01, -2.5000e+00],\n [ 1.0000e+03,  4.0000e+00]]")
    #expect(try text([123456.7, 0.001], [2]) == "[1.2346e+05, 1.0000e-03]")
    #expect(try text([9.999_99e20, -1e-38], [2]) == "[ 1.0000e+21, -1.0000e-38]")
    #expect(
      try text((0..<8).map { Float($0) }, [2, 2, 2]) == "[[[0., 1.],\n  [2., 3.]],\n\n [[4., 5.],\n  [6., 7.]]]")
    #expect(try text([], [0, 3]) == "[]" && text([], [2, 0]) == "[[],\n []]")
  }

  @Test func theMiddleOfManyNumbersIsLeftOut() throws {
    #expect(
      try text((0..<2000).map { Float($0) }, [40, 50]) == """
        [[   0.,    1.,    2., ...,   47.,   48.,   49.],
         [  50.,   51.,   52., ...,   97.,   98.,   99.],
         [ 100.,  101.,  102., ...,  147.,  148.,  149.],
         ...,
         [1850., 1851., 1852., ..., 1897., 1898., 1899.],
         [1900., 1901., 1902., ..., 1947., 1948., 1949.],
         [1950., 1951., 1952., ..., 1997., 1998., 1999.]]
        """)
    #expect(
      try text([Float](repeating: 0.5, count: 1001), [1001]) == "[0.5000, 0.5000, 0.5000, ..., 0.5000, 0.5000, 0.5000]")
    // Up to 1,000 all are there, at most 80 characters a line.
    let lines = try text([Float](repeating: 0.5, count: 30), [30]).split(separator: "\n")
    #expect(lines.count == 4 && lines.allSatisfy { $0.count <= 80 } && lines[1].hasPrefix(" 0.5000"))
  }

  @Test func numbersThatAreGoneAreNotShown() throws {
    let tape = referenceTape()
    let (lost, kept) = (try tape.full([2], 1), try tape.full([2], 1).detached())
    tape.reset()
    #expect(
      "\(lost)" == "Tensor of shape [2], whose values are no longer available: it belongs to an earlier pass; "
        + "use detached() to keep it")
    #expect("\(kept)" == "Tensor of shape [2]\n[1., 1.]")
  }

  @Test func parametersAndTokensAreShownToo() throws {
    let tape = referenceTape()
    let parameter = Parameter([2], .values([0.5, 1]))
    #expect(
      "\(parameter)"
        == "Parameter of shape [2], whose values cannot be read: parameter: a parameter of shape [2] has no "
        + "values yet; call initialize(seed:), load(_:) or move(to:) on the model first")
    try parameter.setValues([0.5, 1])
    #expect("\(parameter)" == "Parameter of shape [2]\n[0.5000, 1.0000]")
    #expect(try "\(HostTensor(shape: [1], values: [2]))" == "HostTensor of shape [1]\n[2.]")
    let tokens = try tape.tokens([1, 20, 3, -1], steps: 2, batchSize: 2, lengths: [2, 1])
    #expect("\(tokens)" == "Tokens of shape [2, 2]\n[[ 1, 20],\n [ 3, -1]]\nlengths [2, 1]")
    #expect(try tokens.values() == [1, 20, 3, -1] && tokens.lengths?.values == [2, 1])
    #expect(try "\(tape.lengths([3]))" == "Lengths [3]")
  }

  @Test func aParameterIsFoundByItsName() throws {
    let model = try LanguageModel(vocabularySize: 5, embedding: 4, rnn: LSTM(input: 4, hidden: 6))
    #expect(try model["rnn.weight_ih_l0"].shape == [24, 4])
    #expect(try model["head.bias"] === model.namedParameters.first { $0.name == "head.bias" }?.parameter)
    #expect(
      message { _ = try model["rnn"] }
        == "LanguageModel: unknown parameter rnn; its parameters are rnn.weight_ih_l0, rnn.weight_hh_l0, "
        + "rnn.bias_ih_l0, rnn.bias_hh_l0")
    #expect(message { _ = try model["decoder"] }?.contains("the parameters are embedding.weight") == true)
  }
}
