import Tensors
import Testing

struct TensorInfoTests {
    @Test("a shape is outermost first, and its last dimension is the row")
    func shape() throws {
        let tensor = try TensorInfo(name: "w", shape: [2, 3, 64], elementType: .f16)
        #expect(tensor.elementCount == 384)
        #expect(tensor.rowLength == 64)
        #expect(tensor.rowCount == 6)
        #expect(tensor.dimensionCount == 3)
        #expect(tensor.rowFirstShape == [64, 3, 2])
        #expect(tensor.elementType == .f16)
    }

    @Test("a tensor may have 2^56 elements")
    func largest() throws {
        #expect(try TensorInfo(name: "w", shape: [1 << 28, 1 << 28]).elementCount == 1 << 56)
    }

    @Test("an empty name and an empty shape are errors")
    func empty() {
        #expect(throws: TensorError.emptyName) { try TensorInfo(name: "", shape: [1]) }
        #expect(throws: TensorError.emptyShape(tensor: "w")) { try TensorInfo(name: "w", shape: []) }
    }

    @Test("a dimension below one is an error that says which", arguments: [0, -1, Int.min])
    func tooSmall(size: Int) {
        #expect(throws: TensorError.dimensionTooSmall(tensor: "w", index: 1, size: size)) {
            try TensorInfo(name: "w", shape: [3, size])
        }
    }

    @Test(
        "more than 2^56 elements are an error, not a trap",
        arguments: [
            [1 << 56, 2], [(1 << 56) + 1], [.max], [.max, .max], [1 << 32, 1 << 32, 1 << 32], [.max, 0],
        ]
    )
    func tooLarge(shape: [Int]) {
        #expect(throws: TensorError.tooManyElements(tensor: "w")) { try TensorInfo(name: "w", shape: shape) }
    }
}
