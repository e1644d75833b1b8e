/// Exchanges of parts that take the same of their devices, so that more of them are where their blocks are.
///
/// What a device holds and what is read of it stay as they are, so a plan is as good as before, and fewer results go from device to device.
enum HomeExchange {
    /// A part that is not on its block's device.
    struct Part {
        /// Where it is.
        let device: Int
        /// Where its block is.
        let home: Int
        /// The bytes of its tensors, the smallest first.
        let bytes: [Int]
        /// The bytes of it that are read for a token.
        let read: Double
    }

    /// What parts have in common that may be exchanged.
    private struct Kind: Hashable {
        let bytes: [Int]
        let read: Double
        let device: Int
    }

    /// Where the parts are after the exchanges.
    ///
    /// - Parameter parts: The parts.
    /// - Returns: The device of each, in their order.
    static func devices(of parts: [Part]) -> [Int] {
        var devices = parts.map(\.device)
        // Of each kind, by where they belong, the parts that are still to be brought home, the last first.
        var waiting: [Kind: [Int: [Int]]] = [:]
        for (index, part) in parts.enumerated().reversed() {
            let kind = Kind(bytes: part.bytes, read: part.read, device: part.device)
            waiting[kind, default: [:]][part.home, default: []].append(index)
        }
        // Pairs of which each is where the other belongs come first, as one exchange serves both. What is exchanged later may end where
        // another one belongs, so that those are gone through again.
        var isPair = true
        var isDone = false
        while !isDone {
            isDone = !isPair
            for (index, part) in parts.enumerated() where devices[index] != part.home {
                let own = Kind(bytes: part.bytes, read: part.read, device: devices[index])
                let there = Kind(bytes: part.bytes, read: part.read, device: part.home)
                let homes = isPair ? [devices[index]] : (waiting[there]?.keys.sorted() ?? [])
                guard let home = homes.first(where: { waiting[there]?[$0]?.isEmpty == false }),
                    let other = waiting[there]?[home]?.popLast()
                else { continue }
                if waiting[own]?[part.home]?.last == index {
                    waiting[own]?[part.home]?.removeLast()
                } else {
                    waiting[own]?[part.home]?.removeAll { $0 == index }
                }
                isDone = false
                (devices[index], devices[other]) = (devices[other], devices[index])
                // Half-way, the other waits where this one was.
                if devices[other] != home { waiting[own, default: [:]][home, default: []].append(other) }
            }
            isPair = false
        }
        return devices
    }
}
