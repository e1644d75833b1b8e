import Foundation
import Text

/// What a file's name says by its ending.
struct FileEnding {
    /// The ending, without its dot and in lower case.
    let text: String

    /// Finds the ending of a name; nil where it has none, and for what is no file, such as `/dev/null`.
    init?(of path: String) {
        guard FileIdentity(of: path)?.isCharacterDevice != true,
            let name = path.split(separator: "/").last, let dot = name.lastIndex(of: "."),
            dot > name.startIndex
        else { return nil }
        let ending = name[name.index(after: dot)...]
        guard !ending.isEmpty else { return nil }
        text = ending.lowercased()
    }

    /// What a file of that ending is, in the words of those who open it; nil where the ending says nothing.
    var language: String? { Self.languages[text] }

    private static let languages = [
        "csv": "CSV", "json": "JSON", "jsonl": "JSON lines", "md": "Markdown", "markdown": "Markdown",
        "html": "HTML", "htm": "HTML", "svg": "SVG", "png": "PNG", "jpg": "JPEG", "jpeg": "JPEG",
        "pdf": "PDF",
        "xlsx": "Excel", "yaml": "YAML", "yml": "YAML", "gguf": "GGUF", "safetensors": "safetensors",
    ]
}
