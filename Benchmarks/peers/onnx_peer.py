"""onnxruntime at the LSTM's forward pass, at its best of 1 and 2 threads. Run by compare.py."""
import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from worker import mean_milliseconds, serve, sizes


def lstm_model(size):
    """Layers of LSTM nodes, one below the other."""
    random = numpy.random.default_rng(0)
    hidden, nodes, constants = size["H"], [], [numpy_helper.from_array(numpy.array([1]), "axis")]
    name, width = "x", size["I"]
    for layer in range(size["L"]):
        shapes = {"W": (1, 4 * hidden, width), "R": (1, 4 * hidden, hidden), "B": (1, 8 * hidden)}
        scale = hidden**-0.5
        for letter, shape in shapes.items():
            values = random.uniform(-scale, scale, shape).astype(numpy.float32)
            constants.append(numpy_helper.from_array(values, f"{letter}{layer}"))
        inputs = [name, f"W{layer}", f"R{layer}", f"B{layer}"]
        nodes.append(helper.make_node("LSTM", inputs, [f"directions{layer}"], hidden_size=hidden))
        name, width = f"y{layer}", hidden
        nodes.append(helper.make_node("Squeeze", [f"directions{layer}", "axis"], [name]))
    shape = [size["T"], size["B"]]
    graph = helper.make_graph(
        nodes,
        "lstm",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape + [size["I"]])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape + [hidden])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def milliseconds(work, part, seconds):
    """The best of 1 and 2 threads."""
    size = sizes(work)
    model, times = lstm_model(size), []
    x = numpy.random.default_rng(1).standard_normal((size["T"], size["B"], size["I"]), numpy.float32)
    for threads in (1, 2):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        times.append(mean_milliseconds(lambda: session.run(None, {"x": x}), seconds))
        del session
    return min(times)


if __name__ == "__main__":
    serve(f"onnxruntime {onnxruntime.__version__}", milliseconds)
