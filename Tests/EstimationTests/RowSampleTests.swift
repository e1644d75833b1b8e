import Sensitivity
import TestSupport
import Testing

@testable import Estimation

@Suite("Sampling rows")
struct RowSampleTests {
    @Test("a share gives so many different rows in order, the same for the same seed and tensor")
    func counts() {
        for (count, share, expected) in [
            (100, 0.05, 5), (101, 0.05, 6), (100, 1.0, 100), (1, 0.5, 1), (3, 0.01, 2), (1000, 0.999, 999),
        ] {
            let rows = RowSample.rows(of: count, share: share, seed: 7, tensor: 3)
            #expect(rows.count == expected)
            #expect(rows == Set(rows).sorted())
            #expect(rows.allSatisfy { (0..<count).contains($0) })
            #expect(rows == RowSample.rows(of: count, share: share, seed: 7, tensor: 3))
        }
        let first = RowSample.rows(of: 1000, share: 0.1, seed: 7, tensor: 3)
        #expect(first != RowSample.rows(of: 1000, share: 0.1, seed: 8, tensor: 3))
        #expect(first != RowSample.rows(of: 1000, share: 0.1, seed: 7, tensor: 4))
    }

    @Test("every row is drawn equally often", arguments: [11, 12])
    func fairness(seed: Int) {
        let (rowCount, draws) = (40, 4_000)
        var counts = [Int](repeating: 0, count: rowCount)
        for tensor in 0..<draws {
            for row in RowSample.rows(of: rowCount, share: 0.25, seed: UInt64(seed), tensor: tensor) {
                counts[row] += 1
            }
        }
        // Each count is binomial with mean 1,000 and standard deviation 27; six of those are never seen by chance.
        #expect(counts.allSatisfy { abs($0 - draws / 4) < 165 })
    }

    @Test("pieces and runs hold every row once, in order")
    func pieces() {
        let rows = [0, 1, 2, 5, 6, 9, 11, 12]
        let pieces = RowSample.pieces(of: rows, rowBytes: 10, pieceBytes: 30)
        #expect(pieces.map(Array.init) == [[0, 1, 2], [5, 6, 9], [11, 12]])
        #expect(pieces.map { RowSample.runs(in: $0) } == [[0..<3], [5..<7, 9..<10], [11..<13]])
        #expect(RowSample.pieces(of: rows, rowBytes: 1_000, pieceBytes: 30).count == rows.count)
    }

    @Test("the true sum lies within two standard errors as often as it should", arguments: [21])
    func coverage(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let population = (0..<400).map { _ in Double.random(in: 0...1, using: &random) }
        let sum = population.reduce(0, +)
        var within = 0
        let draws = 2_000
        for tensor in 0..<draws {
            var moments = RunningMoments()
            for row in RowSample.rows(of: 400, share: 0.1, seed: UInt64(seed), tensor: tensor) {
                moments.add(population[row])
            }
            let estimate = EstimatedSum(moments, of: 400)
            if abs(estimate.value - sum) <= 2 * estimate.standardError { within += 1 }
        }
        // 95 % for a normal distribution, a little less with 40 rows.
        #expect((0.93...0.97).contains(Double(within) / Double(draws)))
    }

    @Test("a sum over every row has no error")
    func wholePopulation() {
        var moments = RunningMoments()
        for value in [1.0, 2, 6] { moments.add(value) }
        #expect(EstimatedSum(moments, of: 3).standardError == 0)
        #expect(abs(EstimatedSum(moments, of: 3).value - 9) < 1e-12)
        // 6 of mean 3 and variance 7, by hand: 6 · √(7/3) · √(1 − 3/6).
        let sample = EstimatedSum(moments, of: 6)
        #expect(abs(sample.value - 18) < 1e-12)
        #expect(abs(sample.standardError - 6 * (7.0 / 3 * 0.5).squareRoot()) < 1e-12)
    }
}
