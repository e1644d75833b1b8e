import TestSupport
import Testing

@testable import Quantization

/// What loops over wide vectors give is what those of four floats give, to the bit; on processors without them both are the same.
struct WideVectorTests {
    private static let kinds = SeededRows.ordinary + SeededRows.extreme

    /// Runs the body with two tiles that hold the same row and importance, in columns of 16 and of 32.
    private func withTiles(
        _ kind: String,
        seed: Int,
        _ body: (_ wide: Tile, _ narrow: Tile, _ columnLength: Int, _ first: Int) -> Void
    ) {
        let row = SeededRows.make(kind, seed: seed)
        let importance = SeededRows.importance(seed: seed + 50)
        RowMemory.with(row.span, importance: importance.span, weights: nil) { memory in
            for (length, groups) in [(16, 2), (32, 1)] {
                Tile.withTile { wide in
                    Tile.withTile { narrow in
                        for tile in [wide, narrow] {
                            tile.load(
                                memory,
                                from: 0,
                                columnLength: length,
                                groups: groups,
                                hasImportance: true
                            )
                        }
                        for group in 0..<groups { body(wide, narrow, length, group * length) }
                    }
                }
            }
        }
    }

    private func bits(_ lanes: Lanes, count: Int) -> [UInt32] {
        (0..<count).flatMap { bits(lanes[$0]) }
    }

    /// The bits of numbers; what is none is the same whatever its bits are.
    private func bits(_ vector: EightFloats) -> [UInt32] {
        (0..<EightFloats.laneCount).map { vector[$0].isNaN ? .max : vector[$0].bitPattern }
    }

    @Test("scales without a minimum", arguments: kinds, 0..<4)
    func symmetric(kind: String, seed: Int) {
        withTiles(kind, seed: seed) { wide, narrow, length, first in
            for limit in [4, 8, 16, 32] as [Float] {
                let scale = ScaleSearch.symmetric(
                    wide.row.dropFirst(first),
                    weights: wide.importance.dropFirst(first),
                    levels: wide.levels,
                    count: length,
                    limit: limit
                )
                let expected = ScaleSearch.symmetricByFours(
                    narrow.row.dropFirst(first),
                    weights: narrow.importance.dropFirst(first),
                    levels: narrow.levels,
                    count: length,
                    limit: limit
                )
                #expect(bits(scale) == bits(expected), "\(length), \(limit)")
                #expect(bits(wide.levels, count: length) == bits(narrow.levels, count: length))
            }
        }
    }

    @Test("the scale of a single column", arguments: kinds, 0..<4)
    func symmetricColumn(kind: String, seed: Int) {
        withTiles(kind, seed: seed) { wide, narrow, length, first in
            let (row, weights) = (wide.row.dropFirst(first), wide.importance.dropFirst(first))
            let scale = ScaleSearch.symmetricColumn(
                row,
                weights: weights,
                levels: wide.levels,
                count: length,
                limit: 32
            )
            let expected = ScaleSearch.symmetricColumnByFours(
                row,
                weights: weights,
                levels: narrow.levels,
                count: length,
                limit: 32
            )
            #expect(bits(EightFloats(repeating: scale)) == bits(EightFloats(repeating: expected)))
            #expect(bits(wide.levels, count: length) == bits(narrow.levels, count: length))
        }
    }

    @Test("floats of four bits", arguments: kinds, 0..<4)
    func fourBitFloats(kind: String, seed: Int) {
        withTiles(kind, seed: seed) { wide, narrow, length, first in
            for exponent in [-127, -12, -3, 0, 127] {
                // One scale to each lane, a power of two.
                var scale = EightFloats.zero
                for lane in 0..<EightFloats.laneCount {
                    scale[lane] = Float(sign: .plus, exponent: min(exponent + lane, 127), significand: 1)
                }
                wide.blockScale[0] = scale
                let row = wide.row.dropFirst(first)
                MicroscalingBlocks.levels(of: row, scale: wide.blockScale, into: wide.levels, count: length)
                MicroscalingBlocks.levelsByFours(of: row, scale: scale, into: narrow.levels, count: length)
                #expect(bits(wide.levels, count: length) == bits(narrow.levels, count: length))
            }
        }
    }

    @Test("scales with a minimum", arguments: kinds, 0..<4)
    func range(kind: String, seed: Int) {
        let absolute = RangeSearch.Trials(first: -0.5, step: 0.1, count: 15, isAbsolute: true)
        withTiles(kind, seed: seed) { wide, narrow, length, first in
            for (limit, trials) in [(3, absolute), (15, .withImportance), (31, .withImportance)]
                as [(Float, RangeSearch.Trials)]
            {
                let found = RangeSearch.search(
                    wide.row.dropFirst(first),
                    weights: wide.importance.dropFirst(first),
                    levels: wide.levels,
                    scratch: wide.scratch,
                    count: length,
                    limit: limit,
                    trials: trials
                )
                let expected = RangeSearch.searchByFours(
                    narrow.row.dropFirst(first),
                    weights: narrow.importance.dropFirst(first),
                    levels: narrow.levels,
                    scratch: narrow.scratch,
                    count: length,
                    limit: limit,
                    trials: trials
                )
                #expect(bits(found.scale) == bits(expected.scale), "\(length), \(limit)")
                #expect(bits(found.minimum) == bits(expected.minimum), "\(length), \(limit)")
                #expect(bits(wide.levels, count: length) == bits(narrow.levels, count: length))
            }
        }
    }

    @Test("points of a grid", arguments: kinds, 0..<2)
    func nearest(kind: String, seed: Int) {
        for grid in [Grid.eights, .sparseEights] {
            withTiles(kind, seed: seed) { wide, _, length, first in
                guard length == 32 else { return }
                let (row, weights) = (wide.row.dropFirst(first), wide.importance.dropFirst(first))
                grid.withView { view in
                    for key in 0..<(8 * 8 * 8 * 8) {
                        let list = -1 - view.entry(UInt32(key))
                        guard list >= 0 else { continue }
                        let lane = key % 8
                        let scale = row[key % 29][lane].magnitude / 7
                        let expected = GridRounding<EightLayout>.nearest(
                            view,
                            list: list,
                            .init(row: row, weights: weights, lane: lane, scale: scale, shift: 0)
                        )
                        guard WideVectors.areThere else { continue }
                        #expect(
                            view.nearest(ofList: list, row: row, weights: weights, lane: lane, scale: scale)
                                == expected,
                            "\(key)"
                        )
                    }
                }
            }
        }
    }

    @Test("sums of squares", arguments: kinds, [0, 3, 4, 256, 301])
    func squares(kind: String, count: Int) {
        let row = SeededRows.make(kind, seed: 1, count: count)
        let cast = SeededRows.make(kind, seed: 2, count: count)
        let importance = SeededRows.importance(seed: 3, count: count)
        func compare(_ importance: Span<Float>?) {
            let wide = CastSquares(row.span, cast.span, importance: importance)
            let narrow = CastSquares(byFours: row.span, cast.span, importance: importance)
            #expect(wide.signals == narrow.signals && wide.errors == narrow.errors)
            #expect(wide.weightedSignals == narrow.weightedSignals)
            #expect(wide.weightedErrors == narrow.weightedErrors)
        }
        compare(nil)
        compare(importance.span)
    }
}
