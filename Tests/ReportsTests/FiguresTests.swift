import Testing

@testable import Reports

/// Numbers as a person reads them, at their edges.
@Suite struct FiguresTests {
    @Test(
        "a share is a percentage of three digits, and from ten on a number of times",
        arguments: [
            (0, "0 %"), (0.004_12, "0.412 %"), (0.712, "71.2 %"), (0.999_96, "100 %"), (1, "100 %"),
            (1.234, "123 %"), (9.99, "999 %"), (9.996, "1000 %"), (10, "10×"), (18.2, "18×"),
            (1_239.6, "1,240×"),
            (1.5e9, "1.5e+09×"), (-0.0, "0 %"), (-0.25, "-25 %"), (1e-9, "1e-07 %"),
        ]
    )
    func percentages(share: Double, expected: String) {
        #expect(Figures.percent(share) == expected)
    }

    @Test(
        "what a value exceeds another by is a percentage, or a number of times where that is more than 1,000"
    )
    func excesses() {
        #expect(Figures.excess(1.032, over: 1) == "+3.2 %")
        #expect(Figures.excess(1, over: 1) == "+0 %")
        #expect(Figures.excess(0.5, over: 1) == "-50 %")
        #expect(Figures.excess(10.996, over: 1) == "+1000 %")
        #expect(Figures.excess(18, over: 1) == "18×")
        #expect(Figures.excess(0, over: 0) == "+0 %")
        #expect(Figures.excess(1, over: 0) == "+1 from 0")
    }

    @Test("a change is a percentage of what was, with the digits of a small one")
    func changes() {
        #expect(Figures.change(1.5, from: 1) == "+50 %")
        #expect(Figures.change(0, from: 1) == "-100 %")
        #expect(Figures.change(18, from: 1) == "18×")
        #expect(Figures.change(1, from: 0) == "nothing")
        #expect(Figures.change(1.000_01, from: 1) == "+0.001 %")
    }

    @Test(
        "how many times as large a value is has at least two digits, and no exponent",
        arguments: [
            (1, "1.00"), (1.444, "1.44"), (9.994, "9.99"), (9.996, "10"), (12.34, "12.3"),
            (123.4, "123"),
            (999.6, "1,000"), (12_345.6, "12,346"), (1.5e9, "1.5e+09"),
        ]
    )
    func ratios(value: Double, expected: String) {
        #expect(Figures.ratio(value) == expected)
    }

    @Test("a gap is 0 only where it is proven to be none, and whole from 100 percent on")
    func gaps() {
        #expect(Figures.gap(0) == "0")
        #expect(Figures.gap(0.012_34) == "1.2 %")
        #expect(Figures.gap(1) == "100 %")
        #expect(Figures.gap(1e-12) == "1e-10 %")
    }

    @Test("zero is 0 whatever its sign, and large numbers keep their digits")
    func zeros() {
        for zero in [0.0, -0.0] {
            #expect(Figures.impact(zero) == "0")
            #expect(Figures.spread(zero) == "0")
            #expect(Figures.difference(zero) == "0")
            #expect(Figures.plain(zero) == "0")
        }
        #expect(Figures.impact(2.449_799_9) == "2.4498")
        #expect(Figures.impact(123_456_789) == "1.2346e+08")
        #expect(Figures.difference(-0.5) == "-0.5" && Figures.difference(0.043_496) == "+0.0435")
        #expect(Figures.spread(0.0487) == "0.049")
        #expect(Figures.signed(bytes: 118_000_000) == "+118.00 MB")
        #expect(Figures.signed(bytes: -1) == "-1 B" && Figures.signed(bytes: 0) == "0 B")
    }

    @Test("how far a value is from the best says so where nothing is known of the best")
    func distances() {
        #expect(Figures.distance(1.03, above: "the best", 1) == "at most 3 % above the best")
        #expect(Figures.distance(18, above: "the best", 1) == "at most 18× the best")
        #expect(Figures.distance(1, above: "the best", 0) == "how far above the best is not known")
    }
}
