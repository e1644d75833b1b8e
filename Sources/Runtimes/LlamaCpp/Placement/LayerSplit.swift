/// How llama.cpp splits the blocks of a network over devices: `-ngl` and `-ts`, over the cards of `-dev` in their order.
///
/// The blocks stand in a row, and the output after them. The first go to the host, and the rest, by shares, to one card after
/// the other (`load_tensors` in `llama-model.cpp`). Keys, values and states are where their block is.
public struct LayerSplit: Hashable, Sendable {
    /// How many of the row go to the host.
    public let hostCount: Int
    /// How many go to each card.
    public let cardCounts: [Int]

    /// Creates a split.
    public init(hostCount: Int, cardCounts: [Int]) {
        self.hostCount = hostCount
        self.cardCounts = cardCounts
    }

    /// The arguments that ask for the split.
    public var arguments: [String] {
        let onCards = cardCounts.reduce(0, +)
        guard onCards > 0 else { return ["-ngl", "0"] }
        let count =
            hostCount == 0 ? Self.wholeOnCards(blockCount: onCards - 1) : ["-ngl", "\(onCards)"]
        guard cardCounts.count > 1 else { return count }
        return count + ["-ts", cardCounts.map(String.init).joined(separator: ",")]
    }

    /// The argument that puts all blocks and the output on cards.
    static func wholeOnCards(blockCount: Int) -> [String] { ["-ngl", "\(max(99, blockCount + 1))"] }

    /// The buffer in which llama.cpp puts each of the row when it reads arguments that name the cards.
    ///
    /// - Parameters:
    ///   - arguments: Arguments as ``arguments`` writes them, and `-dev` with the names of the cards.
    ///   - blockCount: The blocks of the file.
    /// - Returns: A buffer for each block, and for the output.
    public static func buffers(_ arguments: [String], blockCount: Int) -> [String] {
        let cards = (value(of: "-dev", in: arguments) ?? "").split(separator: ",").map(String.init)
        return places(arguments, blockCount: blockCount, cardCount: cards.count).map { place in
            place.flatMap { cards.indices.contains($0) ? cards[$0] : nil } ?? Device.hostBuffer
        }
    }

    private static func value(of option: String, in arguments: [String]) -> String? {
        arguments.firstIndex(of: option).flatMap {
            arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil
        }
    }

    /// Where llama.cpp puts each of the row when it reads the arguments; nil for the host, and the number of the card else.
    ///
    /// - Parameters:
    ///   - arguments: Arguments as ``arguments`` writes them.
    ///   - blockCount: The blocks of the file.
    ///   - cardCount: The cards of the machine.
    /// - Returns: A place for each block, and for the output.
    public static func places(_ arguments: [String], blockCount: Int, cardCount: Int) -> [Int?] {
        let asked = value(of: "-ngl", in: arguments).flatMap { Int($0) } ?? 0
        var shares = (value(of: "-ts", in: arguments) ?? "").split(separator: ",").compactMap { Float($0) }
        if shares.isEmpty { shares = [1] }
        shares += [Float](repeating: 0, count: max(0, cardCount - shares.count))
        var ends: [Float] = []
        for share in shares { ends.append((ends.last ?? 0) + share) }
        let all = ends.last ?? 1
        ends = ends.map { $0 / all }
        let first = max(blockCount + 1 - asked, 0)
        let onCards = min(asked, blockCount + 1)
        return (0...blockCount).map { unit in
            guard unit >= first, unit - first < onCards else { return nil }
            let share = Float(unit - first) / Float(onCards)
            return ends.firstIndex { $0 > share }
        }
    }
}
