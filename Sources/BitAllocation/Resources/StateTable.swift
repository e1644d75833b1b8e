/// Numbers what states take of resources: the same uses have the same number.
///
/// Uses that agree to a trillionth of the limit are the same; so sums of the same numbers in another order are, and bytes that
/// differ are not.
struct StateTable {
    private let scales: [Double]
    private var keys: [Int64] = []
    private var slots: [Int32] = []
    private var mask = 0

    /// Creates a table for uses of so much at most.
    init(limits: [Double]) {
        scales = limits.map { $0 > 0 ? 0x1p40 / $0 : 1 }
    }

    /// Forgets everything, and makes room.
    mutating func removeAll(expecting count: Int) {
        var size = 64
        while size < 2 * count { size *= 2 }
        keys.removeAll(keepingCapacity: true)
        slots = [Int32](repeating: -1, count: size)
        mask = size - 1
    }

    /// The number of some uses, which is `next` for those that are new.
    mutating func slot(of uses: [Double], next: Int) -> Int {
        let count = scales.count
        var hash: UInt64 = 0
        for resource in 0..<count {
            let key = Int64((uses[resource] * scales[resource]).rounded())
            keys.append(key)
            hash = (hash ^ UInt64(bitPattern: key)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
        }
        var place = Int(truncatingIfNeeded: hash) & mask
        while slots[place] >= 0 {
            let slot = Int(slots[place])
            if (0..<count).allSatisfy({ keys[slot * count + $0] == keys[next * count + $0] }) {
                keys.removeLast(count)
                return slot
            }
            place = (place + 1) & mask
        }
        slots[place] = Int32(next)
        return next
    }
}
