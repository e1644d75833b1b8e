import Tensors
import TestSupport
import Testing

@testable import Estimation

@Suite("Parts of a model")
struct WorkPartTests {
    @Test("the parts hold every tensor once, none more than a third over the best", arguments: [1, 2, 3])
    func partition(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let tensors = try (0..<200).map {
            try TensorInfo(name: "t\($0)", shape: [Int.random(in: 1...100, using: &random), 32])
        }
        let indices = tensors.indices.filter { !$0.isMultiple(of: 7) }
        for count in [1, 2, 16, 60] {
            let parts = try (1...count).map {
                try WorkPart(parsing: "\($0)/\(count)").share(of: indices, in: tensors)
            }
            #expect(parts.flatMap { $0 }.sorted() == indices)
            #expect(parts.allSatisfy { $0 == $0.sorted() })
            let loads = parts.map { $0.reduce(0) { $0 + tensors[$1].elementCount } }
            let largest = indices.map { tensors[$0].elementCount }.max() ?? 0
            let best = max(largest, (loads.reduce(0, +) + count - 1) / count)
            #expect(3 * (loads.max() ?? 0) <= 4 * best)
        }
    }

    @Test(
        "what is no part is refused",
        arguments: ["", "3", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/4", "1/4097", " 1/2"]
    )
    func unreadable(_ text: String) {
        #expect(throws: EstimationError.unreadablePart(text)) { try WorkPart(parsing: text) }
    }
}
