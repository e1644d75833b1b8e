import BitAllocation
import Planning
import Testing

@testable import Reports

@Suite struct PagePlansTests {
    private let small: SmallTask
    private let curve: FrontierCurve
    private let plans: [AllocationPlan]

    init() throws {
        small = try SmallTask()
        let allocator = Allocator()
        curve = try FrontierCurve(of: small.task.problem, allocator: allocator)
        plans = allocator.plansOfOwnSize(for: small.task.problem, budgets: curve.points.map(\.bytes))
    }

    @Test("a page has a sample, the knees, and the best plan of every size that is asked for")
    func points() throws {
        let middle = curve.points.count / 2
        let size = curve.points[middle].bytes + 1
        let shown = PagePlans.points(of: curve, limit: 2, sizes: [size, 0])
        #expect(shown == shown.sorted() && Set(shown).count == shown.count)
        #expect(Set(shown).isSuperset(of: [0, curve.points.count - 1, middle]))
        #expect(Set(shown).isSuperset(of: curve.knees))
        #expect(shown.count <= 3 + curve.knees.count)
        #expect(PagePlans.points(of: curve, limit: 100_000) == Array(curve.points.indices))
    }

    @Test("the plan shown first is the best within the size, else the first knee, else the middle one")
    func start() throws {
        let page = PagePlans(of: curve, found: plans, soughtCount: plans.count)
        #expect(page.start(within: plans[1].bytes) == 1)
        #expect(page.start(within: plans[2].bytes - 1) == 1)
        #expect(page.start(within: 0) == 0)
        let first = try #require(page.knees.first)
        #expect(page.start(within: nil) == first)
        for knee in page.knees {
            #expect(curve.knees.contains { curve.points[$0].bytes == plans[knee].bytes })
        }
    }

    @Test(
        "all of the curve is complete, a sample of it is thinned, and what lacks a plan is solved one by one"
    )
    func coverage() {
        let count = curve.points.count
        #expect(PagePlans(of: curve, found: plans, soughtCount: count).coverage == .complete)
        let some = Array(plans.prefix(count - 1))
        #expect(PagePlans(of: curve, found: some, soughtCount: count - 1).coverage == .thinned(of: count))
        #expect(PagePlans(of: curve, found: some, soughtCount: count).coverage == .solved)
    }
}
