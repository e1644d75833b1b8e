import Foundation

/// What llama.cpp logged of its cache.
public enum KeyValueCases {
    /// The recorded cases, a line each, which lie beside the package; none where they are not there.
    public static let recorded: [String] = {
        let file = packageRoot.deletingLastPathComponent().appendingPathComponent("shared/data/kv-cases.csv")
        return (try? String(contentsOf: file, encoding: .utf8)).map {
            $0.split(separator: "\n").dropFirst().map(String.init)
        } ?? []
    }()
}
