import BitAllocation
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct MemoryTests {
    /// The resident memory of this process, in bytes, or `nil` where the system does not tell.
    private func residentBytes() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(getpagesize()) } : nil
    }

    @Test(
        "memory does not grow over ten thousand solves in one process",
        .enabled(if: Thoroughness.isThorough, "set PLAN_THOROUGH: it takes minutes without optimization")
    )
    func doesNotGrow() throws {
        let task = try fluxTask(budget: 9_000_000_000)
        // What the first solves allocate is kept for the next ones.
        for _ in 0..<500 { _ = try Allocator().plan(for: task.problem) }
        guard let before = residentBytes() else { return }
        for _ in 0..<10_000 { _ = try Allocator().plan(for: task.problem) }
        let after = try #require(residentBytes())
        print("resident before \(before), after 10,000 solves \(after)")
        #expect(after - before < 8_000_000)
    }
}
