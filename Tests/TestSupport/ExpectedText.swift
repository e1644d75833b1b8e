public import Testing
import Foundation

/// Texts that are compared as a whole with files beside the tests.
///
/// A run with `PLAN_RENEW=1` in its environment writes the files anew instead, so that a change that is meant is read in their
/// diff:
///
/// ```
/// PLAN_RENEW=1 swift test --filter ReportsTests
/// ```
public enum ExpectedText {
    /// Expects a text to be what a file holds.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - file: The file's path in `Tests`, such as `ReportsTests/Expected/FormatUse.txt`.
    ///   - sourceLocation: Where a difference is reported.
    /// - Throws: What writing the file throws where it is to be renewed.
    public static func expect(
        _ text: String,
        in file: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let url = packageRoot.appendingPathComponent("Tests").appendingPathComponent(file)
        if ProcessInfo.processInfo.environment["PLAN_RENEW"] == "1" {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: url)
            return
        }
        let expected = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        guard text != expected else { return }
        Issue.record(
            "\(firstDifference(text, expected)); if that is meant, renew Tests/\(file) with PLAN_RENEW=1 and read its diff",
            sourceLocation: sourceLocation
        )
    }

    /// The first line in which a text is not as it should be.
    private static func firstDifference(_ text: String, _ expected: String) -> String {
        let found = text.split(separator: "\n", omittingEmptySubsequences: false)
        let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(found, wanted).prefix { $0 == $1 }.count
        func shown(_ lines: [Substring]) -> String {
            lines.indices.contains(line) ? "\"\(lines[line])\"" : "no line"
        }
        return "line \(line + 1) is \(shown(found)) where \(shown(wanted)) is expected"
    }
}
