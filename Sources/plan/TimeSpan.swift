import ArgumentParser

/// A span of time as it is typed: `30min`, `90s`, `1h30min`.
struct TimeSpan: ExpressibleByArgument, Hashable {
    /// The seconds, above 0.
    let seconds: Double

    /// Reads numbers with their units, `s`, `min` or `h`, one behind the other.
    init?(argument: String) {
        var rest = argument[...]
        var sum = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits) else { return nil }
            switch unit {
            case "s", "sec": sum += number
            case "min", "m": sum += number * 60
            case "h": sum += number * 3600
            default: return nil
            }
        }
        guard sum > 0, sum <= 1e7 else { return nil }
        seconds = sum
    }

    /// A time that is left, as one tells it: `12 s`, `7 min`, `3 h`.
    static func roughly(_ seconds: Double) -> String {
        let seconds = Int(min(max(0, seconds), 1e9).rounded(.up))
        return switch seconds {
        case ..<90: "\(seconds) s"
        case ..<5400: "\((seconds + 30) / 60) min"
        default: "\((seconds + 1800) / 3600) h"
        }
    }
}
