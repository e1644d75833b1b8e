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
                        "\(output.shellQuoted) is read by this command, or written twice; name another file"
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

extension String {
    /// The text as one word of a shell's command line.
    var shellQuoted: String {
        let plain =
            !isEmpty
            && utf8.allSatisfy { byte in
                byte >= 0x80 || Unicode.Scalar(byte).properties.isAlphabetic || (0x30...0x39).contains(byte)
                    || "._-/:+@%,=".utf8.contains(byte)
            }
        return plain ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}
