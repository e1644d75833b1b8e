import BitAllocation
import Planning
import Tensors
import TestSupport
import Testing

@testable import Reports

@Suite struct RestrictionReasonsTests {
    @Test("the restrictions that forbid an option are named as they were written, and no others")
    func reasons() throws {
        let small = try SmallTask()
        let reasons = RestrictionReasons(
            [
                Restriction(.pin(try Glob("output.*"), .q8_0), description: "--pin output.*=Q8_0"),
                Restriction(.atLeast(try Glob("*"), .q8_0), description: "--at-least *=Q8_0\u{7}"),
                Restriction(.formatLimit(2), description: "--max-formats 2"),
            ],
            of: small.problem
        )
        let output = Array(small.problem.options(ofLayer: 3))
        #expect(
            output.map(reasons.text) == [
                "forbidden by --pin output.*=Q8_0, --at-least *=Q8_0\\u{7}", "forbidden",
                "forbidden by --pin output.*=Q8_0",
            ]
        )
        let first = Array(small.problem.options(ofLayer: 0))
        #expect(reasons.text(forOption: first[0]) == "forbidden by --at-least *=Q8_0\\u{7}")
    }

    @Test("without restrictions there is no more to say than that it is forbidden")
    func none() throws {
        let small = try SmallTask()
        #expect(RestrictionReasons([], of: small.problem).text(forOption: 0) == "forbidden")
    }
}
