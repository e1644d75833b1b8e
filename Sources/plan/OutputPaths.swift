import Converters
import Foundation
import Recipes

/// Where a command writes, checked before it begins.
enum OutputPaths {
    /// Refuses outputs that are one file, that a command also reads, or whose folder is not there.
    ///
    /// - Parameters:
    ///   - outputs: The files that will be written; nil for none.
    ///   - inputs: What is read: files, or names of built-in things.
    /// - Throws: ``Failure`` and `RecipeError.cannotWrite`.
    static func check(_ outputs: [String?], against inputs: [String?]) throws {
        var taken = Set(
            inputs.compactMap { $0 }.filter(FileManager.default.fileExists(atPath:)).map(resolved)
        )
        for output in outputs.compactMap({ $0 }) {
            guard taken.insert(resolved(output)).inserted else {
                throw Failure(
                    code: Failure.usage,
                    message:
                        "\(ShellText.word(output)) is read by this command, or written twice; name another file"
                )
            }
            let folder = URL(fileURLWithPath: output).deletingLastPathComponent().path
            guard access(folder, W_OK) == 0 else {
                let reason = String(cString: strerror(errno)).lowercased()
                throw RecipeError.cannotWrite(path: output, reason: reason)
            }
        }
    }

    /// The path of a file without symbolic links, whether it is there or not.
    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
}
