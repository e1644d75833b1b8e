public import Foundation
import Tensors

/// Reading a recipe that this program wrote; the format is described at ``Recipe``.
///
/// Members that are not known are passed over, as later versions of the program may add some.
public enum RecipeReader {
    /// The largest file that is read.
    public static let maximumByteCount = 100_000_000

    /// Reads a recipe from a file.
    ///
    /// - Throws: ``RecipeError/noSuchFile(path:)`` or ``RecipeError/malformed(source:detail:)``.
    public static func read(path: String) throws(RecipeError) -> Recipe {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .noSuchFile(path: path)
        }
        guard !isFolder.boolValue else { throw .malformed(source: path, detail: "it is a folder") }
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: maximumByteCount + 1)
        else {
            throw .malformed(source: path, detail: "it cannot be read or is empty")
        }
        guard data.count <= maximumByteCount else {
            throw .malformed(source: path, detail: "it is larger than \(maximumByteCount) bytes")
        }
        return try read(data, from: path)
    }

    /// Reads a recipe from JSON.
    ///
    /// - Throws: ``RecipeError/malformed(source:detail:)``.
    public static func read(_ data: Data, from source: String) throws(RecipeError) -> Recipe {
        guard !JSONDepth.exceedsLimit(data) else {
            throw .malformed(
                source: source,
                detail: "it has more than \(JSONDepth.limit) nested arrays and objects"
            )
        }
        do {
            let version = try JSONDecoder().decode(VersionDocument.self, from: data).version
            guard version == Recipe.formatVersion else {
                throw RecipeError.malformed(
                    source: source,
                    detail:
                        "it has version \(version), and this program reads version \(Recipe.formatVersion)"
                )
            }
            return try JSONDecoder().decode(RecipeDocument.self, from: data).recipe(from: source)
        } catch let error as RecipeError {
            throw error
        } catch let error as DecodingError {
            throw .malformed(source: source, detail: describe(error))
        } catch {
            throw .malformed(source: source, detail: "\(error)")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
                .joined()
            return path.isEmpty ? "the document" : String(path.drop { $0 == "." })
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(place(context)) has no \"\(key.stringValue)\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(place(context)) has a value of the wrong type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "it is not valid JSON" : "\(place(context)) has a value that cannot be read"
        @unknown default: "it cannot be read"
        }
    }
}

private struct VersionDocument: Decodable {
    var version: Int
}

/// The JSON's own shape; ``Recipe`` keeps the limit as one value.
private struct RecipeDocument: Decodable {
    struct Budget: Decodable {
        var bytes: Int?
        var impact: Double?
    }

    var generator: Recipe.Generator
    var model: Recipe.ModelReference
    var impacts: Recipe.TableReference
    var importance: Recipe.Importance?
    var converter: String?
    var budget: Budget
    var size: Recipe.Size
    var impact: Recipe.Impact
    var slowdown: Recipe.Slowdown?
    var proof: Recipe.Proof
    var layers: [Recipe.Layer]
    var kept: [Recipe.Kept]

    /// Refuses figures that no plan has: sizes and impacts below zero, and words that are none of the format's.
    private func checkFigures(from source: String) throws(RecipeError) {
        func require(_ isRight: Bool, _ problem: @autoclosure () -> String) throws(RecipeError) {
            guard isRight else { throw .malformed(source: source, detail: problem()) }
        }
        let sizes =
            [budget.bytes ?? 0, size.bytes, size.tensorData, size.headerAndAlignment, model.parameters]
            + layers.map(\.bytes) + kept.map(\.bytes)
        try require(sizes.allSatisfy { $0 >= 0 }, "it has a size below zero")
        let figures =
            [
                budget.impact ?? 0, impact.total, proof.bound, proof.gap, size.bitsPerWeight,
                slowdown?.factor ?? 0,
            ]
            + layers.map(\.impact)
        try require(figures.allSatisfy { $0 >= 0 }, "it has an impact, a bound or another figure below zero")
        try require(!layers.isEmpty, "it has no layer")
        let exact = ["file", "tensorData", "plannedLayers"]
        try require(exact.contains(size.exact), "size.exact is none of \(exact.joined(separator: ", "))")
    }

    func recipe(from source: String) throws(RecipeError) -> Recipe {
        var names = Set<String>()
        for name in layers.flatMap(\.tensors) + kept.map(\.tensor) {
            guard names.insert(name).inserted else {
                throw .malformed(source: source, detail: "the tensor \(name) stands in it twice")
            }
        }
        try checkFigures(from: source)
        let limit: Recipe.Limit
        switch (budget.bytes, budget.impact) {
        case (let bytes?, nil): limit = .bytes(bytes)
        case (nil, let impact?): limit = .impact(impact)
        default: throw .malformed(source: source, detail: "its budget needs either bytes or impact")
        }
        return Recipe(
            generator: generator,
            model: model,
            impacts: impacts,
            importance: importance,
            converter: converter,
            limit: limit,
            size: size,
            impact: impact,
            slowdown: slowdown,
            proof: proof,
            layers: layers,
            kept: kept
        )
    }
}
