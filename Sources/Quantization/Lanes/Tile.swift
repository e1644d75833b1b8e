/// Blocks of one row side by side, as much as is quantized at a time, with what the encoders find out about them.
///
/// Elements that share a scale make a column. Eight columns lie in the eight lanes of a group of vectors, so that a search
/// runs for eight scales at once, sums run in the order of the elements, as the reference encoders' do, and nothing is ever added
/// across lanes. Column `c` is lane `c % 8` of group `c / 8`; element `i` of it is vector `group · columnLength + i`.
@safe
struct Tile {
    /// The weights of the row.
    let row: Lanes
    /// The importance of each weight.
    let importance: Lanes
    /// The weight of each element's squared error in a search.
    let searchWeights: Lanes
    /// The quantized values, integers from 0 on, or values of a codebook.
    let levels: Lanes
    /// Room for a search, and for the weights of squared errors after it.
    let scratch: Lanes
    /// The magnitudes of the row's elements in a search that leaves signs aside.
    let magnitudes: Lanes
    /// The roots of the search's weights, or room for a search.
    let roots: Lanes
    /// The positions of sorted elements in their columns.
    let order: Lanes
    /// Per group, the scale of each column, as a decoder computes it.
    let scales: Lanes
    /// Per group, what a decoder adds to each element of a column.
    let offsets: Lanes
    /// Per group, the quantized scales of the columns of a super-block.
    let scaleCodes: Lanes
    /// Per group, the quantized minima of the columns of a super-block.
    let minimumCodes: Lanes
    /// The levels as blocks pack them.
    let codes: Codes
    /// The scale of each block, one per lane, or of the super-block in all lanes, as 16-bit floats hold it.
    let blockScale: Lanes
    /// The minimum of each block or of the super-block's minima, as 16-bit floats hold it.
    let blockMinimum: Lanes

    /// The most elements of a tile.
    static let capacity = 256

    /// The memory of a tile, on the stack.
    private struct Storage {
        typealias Elements = (SIMD64<Float>, SIMD64<Float>, SIMD64<Float>, SIMD64<Float>)

        static let zero = SIMD64<Float>()
        var row: Elements = (zero, zero, zero, zero)
        var importance: Elements = (zero, zero, zero, zero)
        var searchWeights: Elements = (zero, zero, zero, zero)
        var levels: Elements = (zero, zero, zero, zero)
        var scratch: Elements = (zero, zero, zero, zero)
        var magnitudes: Elements = (zero, zero, zero, zero)
        var roots: Elements = (zero, zero, zero, zero)
        var order: Elements = (zero, zero, zero, zero)
        /// Six runs of two vectors.
        var parameters: (SIMD64<Float>, SIMD64<Float>) = (zero, zero)
        /// A byte for each element.
        var codes: SIMD64<Float> = zero
    }

    private init(_ memory: UnsafeMutableRawBufferPointer) {
        // The memory is that of a `Storage`, which is aligned as its vectors are.
        let base = unsafe memory.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: EightFloats.self)
        let vectors = Self.capacity / EightFloats.laneCount
        func run(_ index: Int) -> Lanes {
            unsafe Lanes(base: base + index * vectors, count: vectors)
        }
        func parameters(_ index: Int) -> Lanes {
            unsafe Lanes(base: base + 8 * vectors + index * 2, count: 2)
        }
        row = run(0)
        importance = run(1)
        searchWeights = run(2)
        levels = run(3)
        scratch = run(4)
        magnitudes = run(5)
        roots = run(6)
        order = run(7)
        scales = parameters(0)
        offsets = parameters(1)
        scaleCodes = parameters(2)
        minimumCodes = parameters(3)
        blockScale = parameters(4)
        blockMinimum = parameters(5)
        // The parameters take sixteen vectors.
        codes = unsafe Codes(
            base: UnsafeMutableRawPointer(base + 8 * vectors + 16).assumingMemoryBound(to: UInt8.self)
        )
    }

    /// Runs the body with a tile of zeros, which is gone afterwards.
    @inline(__always)
    static func withTile<Result>(_ body: (Tile) -> Result) -> Result {
        var storage = Storage()
        return unsafe withUnsafeMutableBytes(of: &storage) { unsafe body(Tile($0)) }
    }
}
