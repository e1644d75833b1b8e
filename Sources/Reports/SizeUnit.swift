/// The decimal unit in which the sizes along an axis are written.
struct SizeUnit: Hashable, Sendable {
    /// The unit's name.
    let name: String
    /// Its bytes.
    let bytes: Double

    /// The largest unit of which the largest size has at least one.
    init(for sizes: some Sequence<Int>) {
        let largest = Double(sizes.max() ?? 0)
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
        (name, bytes) = units.first { largest >= $0.1 } ?? ("B", 1)
    }
}
