import Text
/// Names that differ in one number only.
struct NumberedNames: Hashable, Sendable {
    /// What stands around the number; a name without one is a prefix with no suffix.
    struct Frame: Hashable, Sendable {
        var prefix: String
        var suffix: String?
    }

    /// A number of a name and what stands around it.
    struct Place: Hashable, Sendable {
        var frame: Frame
        var number: String
    }

    private let frame: Frame
    /// How many names there are.
    let count: Int
    /// The numbers in ascending order, as `A` or `A-B`.
    private let runs: [String]

    init(frame: Frame, numbers: [String]) {
        self.frame = frame
        count = numbers.count
        runs = Self.runs(of: numbers)
    }

    /// All names in one item.
    var text: String {
        item(runs.joined(separator: ","))
    }

    /// The names in as few items as possible that are no longer than a width.
    func texts(width: Int) -> [String] {
        var texts: [String] = []
        var joined = ""
        // Numbers are digits, one place each.
        let frameLength = item("").count
        for run in runs {
            if joined.isEmpty {
                joined = run
            } else if frameLength + joined.utf8.count + 1 + run.utf8.count <= width {
                joined += "," + run
            } else {
                texts.append(item(joined))
                joined = run
            }
        }
        texts.append(item(joined))
        return texts
    }

    private func item(_ numbers: String) -> String {
        (frame.prefix + numbers + (frame.suffix ?? "")).visible
    }

    /// Every number of a name.
    static func places(in name: String) -> [Place] {
        let bytes = name.utf8
        var places: [Place] = []
        var start = bytes.startIndex
        while let first = bytes[start...].firstIndex(where: isDigit) {
            let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.endIndex
            places.append(
                Place(
                    frame: Frame(prefix: String(name[..<first]), suffix: String(name[end...])),
                    number: String(name[first..<end])
                )
            )
            start = end
        }
        return places
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9")
    }

    /// Numbers joined into runs in which each is the successor of the one before.
    ///
    /// Numbers stay texts, so that they may be of any length.
    private static func runs(of numbers: [String]) -> [String] {
        // Digits are one byte each, and numbers of as many digits are in the order of their bytes.
        let sorted = numbers.map { (digits: $0.drop { $0 == "0" }, text: $0) }.sorted { left, right in
            let counts = (left.digits.utf8.count, right.digits.utf8.count)
            guard counts.0 == counts.1 else { return counts.0 < counts.1 }
            guard left.digits == right.digits else { return left.digits < right.digits }
            return left.text.utf8.count < right.text.utf8.count
        }
        var runs: [(first: String, last: String)] = []
        // The run that a number would continue.
        var open: [String: Int] = [:]
        for (_, number) in sorted {
            if let index = open.removeValue(forKey: number) {
                runs[index].last = number
                open[successor(of: number)] = index
            } else {
                open[successor(of: number)] = runs.count
                runs.append((number, number))
            }
        }
        return runs.map { $0.first == $0.last ? $0.first : "\($0.first)-\($0.last)" }
    }

    /// The next number, with at least as many digits.
    private static func successor(of number: String) -> String {
        var digits = Array(number.utf8)
        for index in digits.indices.reversed() {
            if digits[index] != UInt8(ascii: "9") {
                digits[index] += 1
                return String(decoding: digits, as: UTF8.self)
            }
            digits[index] = UInt8(ascii: "0")
        }
        return "1" + String(decoding: digits, as: UTF8.self)
    }
}
