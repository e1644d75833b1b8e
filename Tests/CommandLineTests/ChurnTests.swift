import Foundation
import TestSupport
import Testing

/// Best plans are not nested: on a table that others measured, a larger budget makes many layers smaller.
@Suite struct ChurnTests {
    /// The table lies beside the package, where it is there at all; it is not the package's to ship.
    private static let table = packageRoot.deletingLastPathComponent()
        .appendingPathComponent("shared/data/impacts/flux1-dev-casting-cost.yaml").path
    /// The formats of the table that were measured in every block and have a known size.
    private static let options = [
        "--impacts", table, "--formats", "Q2_K,Q3_K,Q4_0,Q4_1,Q4_K,Q5_1,Q5_K,Q6_K,Q8_0",
    ]
    private static let isThere = FileManager.default.fileExists(atPath: table)

    /// The budgets of so many GiB for the planned tensors alone: the tensors that are kept, and the header, come on top.
    private func budgets(_ gibibytes: [Double]) throws -> String {
        let run = try ProgramRun.plan(
            ["explain", "--budget", "1000", "--format", "json"] + Self.options,
            in: packageRoot
        )
        let result = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: [[String: Any]]]
        )
        let fixed = try #require(result["smallestFile"]?.first?["bytes"] as? Int)
        return gibibytes.map { "\(fixed + Int($0 * Double(1 << 30)))" }.joined(separator: ",")
    }

    @Test(
        "from 10 to 10.5 GiB of blocks 13 layers change and 11 of them get smaller; nested plans do not, at a price",
        .enabled(if: isThere, "the table is not here")
    )
    func shrinksLayers() throws {
        func steps(_ arguments: String...) throws -> [[String: Any]] {
            let budgets = try budgets([8, 8.5, 9, 9.5, 10, 10.5, 11, 11.5, 12])
            let run = try ProgramRun.plan(
                ["compare", "--budgets", budgets, "--format", "json"] + Self.options + arguments,
                in: packageRoot
            )
            #expect(run.exitCode == 0, "\(run.errors)")
            return try #require(
                try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
            )
        }
        let best = try steps().dropFirst()
        #expect(best.map { $0["layersDown"] as? Int } == [7, 0, 0, 0, 11, 0, 0, 5])
        #expect(best.map { $0["changedLayers"] as? Int } == [9, 19, 5, 7, 13, 5, 5, 7])
        let nested = try steps("--nested").dropFirst()
        #expect(nested.allSatisfy { $0["layersDown"] as? Int == 0 })
        #expect(nested.contains { $0["excessImpact"] as? Double ?? 0 > 0 })
    }
}
