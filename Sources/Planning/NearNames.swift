import Tensors

/// The names that somebody may have meant who wrote a pattern that matches none.
enum NearNames {
    /// The most names that are listed.
    private static let most = 5

    /// Finds names that have as much of a pattern's beginning as any has, whatever the case of letters.
    ///
    /// - Parameters:
    ///   - pattern: The pattern.
    ///   - names: The names that there are.
    /// - Returns: At most five names, in their order; the first ones where nothing of the pattern is in any.
    static func of(_ pattern: Glob, in names: [String]) -> [String] {
        let lower = names.map { (name: $0, lower: $0.lowercased()) }
        // What stands for other characters is no part of a name.
        var part = pattern.pattern.lowercased().drop { $0 == "*" || $0 == "?" }
            .prefix { !"*?[{".contains($0) }
        while part.count > 2 {
            let near = lower.filter { $0.lower.contains(part) }
            if !near.isEmpty { return near.prefix(most).map(\.name) }
            part.removeLast()
        }
        return Array(names.prefix(most))
    }
}
