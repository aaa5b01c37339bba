import Recurrent
import Testing

@Suite struct GradientFlowPictureTests {
  @Test func aGradientFlowIsShownAsNumbersBarsAndADrawing() throws {
    let flow = GradientFlow(layers: [
      .init(name: "rnn.l0", norms: [1, 0.1, 0.01, 0]), .init(name: "rnn.l0_reverse", norms: [0.5, 0.25]),
    ])
    #expect(flow.bars() == "rnn.l0         │·▆▇█│\nrnn.l0_reverse │██│")
    #expect(
      flow.table() == """
                                    rnn.l0  rnn.l0_reverse
        0 steps before            1.00e+00        5.00e-01
        1 steps before            1.00e-01        2.50e-01
        2 steps before            1.00e-02
        3 steps before                   0
        factor per step             0.1000          0.5000
        """)
    #expect(flow.table(lines: 2).contains("3 steps before") && !flow.table(lines: 2).contains("2 steps before"))
    let svg = flow.svg()
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && svg.contains(">rnn.l0_reverse</text>"))
    let nothing = GradientFlow(layers: [.init(name: "l0", norms: [0])])
    #expect(nothing.bars() == "l0 │·│" && !nothing.svg().contains(",nan"))
  }
}
