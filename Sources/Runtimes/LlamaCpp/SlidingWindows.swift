/// Which blocks of an architecture look back a window only, and how far.
///
/// The window is `attention.sliding_window`. The pattern is `attention.sliding_window_pattern`: an array with a truth
/// value per block, or a number p, by which block i has a window where i mod p is less than p − 1, or, where the first
/// block looks back all the way, where i mod p is not 0 (`load_swa_pattern` and `set_swa_pattern` in llama.cpp).
struct SlidingWindows: Hashable, Sendable {
    /// Where the window's length comes from.
    enum Length: Hashable, Sendable {
        /// The file has to say it.
        case required
        /// Without it, or where it is 0, no block has a window.
        case optional
        /// Without it, it is this.
        case standing(Int)
        /// Where the file says it and it is not 0, it is this all the same.
        case replaced(by: Int)
        /// It is this whatever the file says, unless that is 0.
        case fixed(Int)
    }

    /// Which blocks have a window.
    enum Pattern: Hashable, Sendable {
        /// By number, p where the file has none.
        case every(Int, denseFirst: Bool)
        /// The file has to have the array.
        case array
        /// All that have attention.
        case all
    }

    let length: Length
    let pattern: Pattern
    /// The only number of blocks with which there are windows, where there is one.
    var onlyBlockCount: Int?

    /// The window of every block; nil for a block that looks back all the way.
    func windows(of network: NetworkMetadata, blockCount: Int) throws(RuntimeError) -> [Int?] {
        let none = [Int?](repeating: nil, count: blockCount)
        if let onlyBlockCount, onlyBlockCount != blockCount { return none }
        guard let length = try length(in: network) else { return none }
        return try slides(in: network, blockCount: blockCount).map { $0 ? length : nil }
    }

    private func length(in network: NetworkMetadata) throws(RuntimeError) -> Int? {
        let name = "attention.sliding_window"
        let stated = try network.number(name, atMost: NetworkMetadata.largestContext)
        switch length {
        case .required:
            guard let stated else { throw .missingValue(key: network.key(name)) }
            return stated
        case .optional: return stated == 0 ? nil : stated
        case .standing(let length): return stated ?? length
        case .replaced(let length): return stated == nil || stated == 0 ? nil : length
        case .fixed(let length): return stated == 0 ? nil : length
        }
    }

    private func slides(in network: NetworkMetadata, blockCount: Int) throws(RuntimeError) -> [Bool] {
        let name = "attention.sliding_window_pattern"
        let array = try network.flags(name, count: blockCount)
        switch pattern {
        case .all: return [Bool](repeating: true, count: blockCount)
        case .array:
            guard let array else { throw .missingValue(key: network.key(name)) }
            return array
        case .every(let standing, let denseFirst):
            if let array { return array }
            let period = try network.number(name) ?? standing
            return (0..<blockCount).map { block in
                guard period > 0 else { return true }
                return denseFirst ? block % period != 0 : block % period < period - 1
            }
        }
    }
}
