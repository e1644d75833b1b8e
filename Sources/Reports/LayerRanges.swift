import Tensors

/// A list of layer names written shortly: names that differ in one number only share an item.
///
/// `layer00.img`, `layer03.img`, `layer04.img`, `layer05.img` and `layer05.txt` become
/// `layer00,03-05.img, layer05.txt`. Items stand in the order in which their first names were given, the numbers
/// within an item in ascending order; a name given twice is listed once.
///
/// A number is any run of ASCII digits, so every naming works: `blk.0-31.attn_q.weight`. A name with several
/// numbers joins the item of the number that brings it together with the most other names, the first such number
/// if several bring as many: the 38 names `single_blocks.N.linear1.weight` are joined over `N` although
/// `linear2` would match too.
///
/// `A-B` stands for every number from `A` to `B`; when `A` begins with a zero, numbers are padded with zeros to
/// its length. `9-11` is 9, 10, 11 and `09-11` is 09, 10, 11; 9 and 010 make no run. The text
/// is meant for people: for a name that itself holds a comma, or a hyphen between digits, it is not exact.
public struct LayerRanges: Hashable, Sendable, CustomStringConvertible {
    private let groups: [NumberedNames]

    /// Either the numbers of a frame, by its position, or one name by itself.
    private enum Item {
        case frame(Int)
        case name(String)
    }

    /// Finds the runs in a list of names.
    public init(_ names: some Sequence<String>) {
        var seen: Set<String> = []
        let distinct = names.filter { seen.insert($0).inserted }
        // Frames are told apart once for each place, and by their positions from then on: there may be a hundred thousand.
        var frames: [NumberedNames.Frame] = []
        var positions: [NumberedNames.Frame: Int] = [:]
        var counts: [Int] = []
        var places: [[(frame: Int, number: String)]] = []
        places.reserveCapacity(distinct.count)
        for name in distinct {
            var own: [(frame: Int, number: String)] = []
            for place in NumberedNames.places(in: name) {
                let frame = positions[place.frame] ?? frames.count
                if frame == frames.count {
                    positions[place.frame] = frame
                    frames.append(place.frame)
                    counts.append(0)
                }
                counts[frame] += 1
                own.append((frame, place.number))
            }
            places.append(own)
        }

        var order: [Item] = []
        var numbers = [[String]](repeating: [], count: frames.count)
        for (name, places) in zip(distinct, places) {
            var best: (frame: Int, number: String)?
            var bestCount = 1
            for place in places where counts[place.frame] > bestCount {
                (best, bestCount) = (place, counts[place.frame])
            }
            guard let best else {
                order.append(.name(name))
                continue
            }
            if numbers[best.frame].isEmpty { order.append(.frame(best.frame)) }
            numbers[best.frame].append(best.number)
        }
        groups = order.map { item in
            switch item {
            case .frame(let frame): NumberedNames(frame: frames[frame], numbers: numbers[frame])
            case .name(let name): NumberedNames(frame: .init(prefix: name, suffix: nil), numbers: [""])
            }
        }
    }

    /// The items, each a name or several names joined.
    public var items: [String] {
        groups.map(\.text)
    }

    /// All items on one line.
    public var description: String {
        items.joined(separator: ", ")
    }

    /// The first items on one line, as many as there is room for on a page, and how many names are left out.
    public var brief: String {
        let most = 12
        guard groups.count > most else { return description }
        let left = groups.dropFirst(most).reduce(0) { $0 + $1.count }
        return items.prefix(most).joined(separator: ", ") + " and \(ByteSize(left).grouped) more"
    }

    /// The first lines of so many, and how many names there are in all where that leaves some out.
    ///
    /// - Parameters:
    ///   - width: The number of characters that fit on a line.
    ///   - count: The most lines.
    /// - Returns: The lines.
    public func lines(width: Int, atMost count: Int) -> [String] {
        brief(lines(width: width), atMost: count)
    }

    /// The first of all lines of the names, as ``lines(width:atMost:)`` gives them.
    func brief(_ all: [String], atMost count: Int) -> [String] {
        guard all.count > count else { return all }
        let total = groups.reduce(0) { $0 + $1.count }
        return all.prefix(max(1, count - 1)) + ["… \(ByteSize(total).grouped) in all"]
    }

    /// The items broken into lines.
    ///
    /// Every line but the last ends with a comma. An item that is longer than a line is written as several items; a
    /// line is longer than `width` only where a single name or run is.
    ///
    /// - Parameter width: The number of characters that fit on a line.
    /// - Returns: The lines, none if there are no names.
    public func lines(width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        // Counted once for each item: there may be thousands, and characters take time to count.
        var length = 0
        // One place is kept for the comma at the end of the line.
        for item in groups.flatMap({ $0.texts(width: width - 1) }) {
            let count = item.count
            if line.isEmpty {
                (line, length) = (item, count)
            } else if length + 2 + count + 1 <= width {
                line += ", " + item
                length += 2 + count
            } else {
                lines.append(line + ",")
                (line, length) = (item, count)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
