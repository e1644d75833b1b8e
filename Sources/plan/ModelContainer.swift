import Checkpoints
import Conversion
import Converters
import Foundation
import Planning
import Recipes
import Runtimes
import Text

/// What `plan quantize` writes: what a converter, a program and a file's name ask for.
extension ModelContainer {
    /// The kinds by the endings of their files' names.
    private static let endings: [(ending: String, container: ModelContainer)] = [
        (".gguf", .gguf), (".safetensors", .safetensors),
    ]

    /// Finds the kind that a name asks for, or nil where it asks for none: a folder ends with a slash, or is there.
    private init?(path: String) {
        let ending = Self.endings.first { path.lowercased().hasSuffix($0.ending) }
        if path.hasSuffix("/") || (ending == nil && FileIdentity(of: path)?.isFolder == true) {
            self = .folder
        } else if let ending {
            self = ending.container
        } else {
            return nil
        }
    }

    /// Finds the kind that a converter's recipes are written as.
    ///
    /// - Throws: ``Failure`` for usage.
    init(converter: String) throws {
        let named = try Converters.named(converter)
        guard let container = named.container else {
            throw Failure(
                code: Failure.usage,
                message: """
                    plan quantize does not write files of \(named.name); plan for the converter plan, or write the recipe for \
                    \(named.name) with plan export
                    """
            )
        }
        self = container
    }

    /// Finds the kind that a recipe and a file's name ask for.
    ///
    /// - Throws: ``Failure`` for usage where they contradict each other.
    init(_ recipe: Recipe, path: String?) throws {
        try self.init(converter: recipe.converter, path: path)
    }

    /// Finds the kind that a converter and a program, where they are named, and a file's name ask for.
    ///
    /// - Throws: ``Failure`` for usage where they contradict each other, or none says what to write.
    init(converter: String?, path: String?, runtime: TargetRuntime? = nil) throws {
        if let path, !path.hasSuffix("/"),
            Self.endings.contains(where: { path.lowercased().hasSuffix($0.ending) }),
            FileIdentity(of: path)?.isFolder == true
        {
            throw Failure(
                code: Failure.usage,
                message:
                    "\(path.quoted) is a folder; name a file, or end the name with / for a folder for MLX"
            )
        }
        let named = try converter.map { try ModelContainer(converter: $0) }
        let asked = path.flatMap { ModelContainer(path: $0) }
        let loaded = runtime.map(ModelContainer.init(loadedBy:))
        if let converter { try runtime?.check(converter: Converters.named(converter).name) }
        if let asked, let loaded, asked != loaded, let runtime {
            throw Failure(
                code: Failure.usage,
                message: """
                    \(runtime.rawValue) loads no \(asked.noun); name \(loaded.wanted), or plan for another runtime
                    """
            )
        }
        if let named, let asked, named != asked, let converter {
            throw Failure(
                code: Failure.usage,
                message: """
                    the converter \(converter) makes no \(asked.noun); name \(named.wanted), or plan for the converter \
                    \(Converters.usual(for: asked).name)
                    """
            )
        }
        // Any name may be that of a folder.
        guard let path, asked == nil, (named ?? loaded) != .folder else {
            self = asked ?? named ?? loaded ?? .gguf
            return
        }
        throw Failure(
            code: Failure.usage,
            message: """
                the name \(ShellText.path(path)) does not say what to write; end it with \
                \(Self.endings.map(\.ending).joined(separator: " or ")), or with / for a folder for MLX
                """
        )
    }

    /// The ending of a file's name, with the dot, or of a folder's, with the slash.
    var fileExtension: String {
        Self.endings.first { $0.container == self }?.ending ?? "/"
    }

    /// What it is, without an article.
    private var noun: String {
        self == .folder ? "folder" : "\(fileExtension) file"
    }

    /// What to name for it.
    private var wanted: String {
        self == .folder ? "a folder, with / at the end" : "one that ends with \(fileExtension)"
    }

    /// Refuses what is done with a single file only.
    ///
    /// - Throws: ``Failure`` for usage.
    func check(isUpdated: Bool, isRecorded: Bool) throws {
        guard self == .folder, isUpdated || isRecorded else { return }
        throw Failure(
            code: Failure.usage,
            message: isUpdated
                ? "a folder for MLX is not brought up to date; write it anew with -o"
                : "a folder for MLX has no record of its recipe; leave --record out, or plan without it"
        )
    }

    /// The place that a name leads to: that of a folder without the slash at its end.
    func place(_ path: String) -> String {
        var path = path[...]
        while self == .folder, path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return String(path)
    }
}
