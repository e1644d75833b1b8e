import BitAllocation
import Foundation
import Recipes
import TestSupport
import Testing

/// The recipe of FLUX.1-dev at a budget, as the program writes it.
func fluxRecipe(gigabytes: Int = 9, combination: ImpactCombination = .sum) throws -> Recipe {
    let task = try fluxTask(budget: gigabytes * 1_000_000_000, combination: combination)
    return Recipe(
        try Allocator().plan(for: task.problem),
        for: task,
        generator: .init(version: "0.1.0", arguments: ["--budget", "\(gigabytes)GB"]),
        model: .init(name: "flux1-dev", parameters: 11_901_408_320, digest: "fnv1a64:0"),
        impacts: .init(name: "flux1-dev-table3", digest: "fnv1a64:1")
    )
}

@Suite struct RecipeTests {
    @Test("a recipe accounts for every tensor once and for every byte", arguments: [8, 9, 12, 20])
    func accountsForEverything(gigabytes: Int) throws {
        let recipe = try fluxRecipe(gigabytes: gigabytes)
        let names = recipe.layers.flatMap(\.tensors) + recipe.kept.map(\.tensor)
        #expect(names.count == 780)
        #expect(Set(names).count == 780)
        let planned = recipe.layers.reduce(0) { $0 + $1.bytes }
        let kept = recipe.kept.reduce(0) { $0 + $1.bytes }
        #expect(planned + kept == recipe.size.tensorData)
        #expect(recipe.size.tensorData + recipe.size.headerAndAlignment == recipe.size.bytes)
        #expect(recipe.limit == .bytes(gigabytes * 1_000_000_000))
        #expect(recipe.size.bytes <= gigabytes * 1_000_000_000)
    }

    @Test("a recipe that is written and read again is the same", arguments: ImpactCombination.allCases)
    func survivesReading(combination: ImpactCombination) throws {
        let recipe = try fluxRecipe(combination: combination)
        let text = try recipe.jsonText()
        #expect(try RecipeReader.read(Data(text.utf8), from: "test") == recipe)
        #expect(try RecipeReader.read(Data(text.utf8), from: "test").jsonText() == text)
    }

    @Test(
        "what is no recipe is refused with a sentence",
        arguments: [
            "", "{", "[]", "{}", #"{"version": 2}"#, #"{"version": "1"}"#, #"{"version": 1}"#, "null",
            #"{"version": 1e999}"#,
        ]
    )
    func refusesOthers(text: String) {
        #expect(throws: RecipeError.self) { try RecipeReader.read(Data(text.utf8), from: "test") }
    }

    @Test("a recipe in which a tensor stands twice is refused by the tensor's name")
    func refusesDuplicates() throws {
        var recipe = try fluxRecipe()
        recipe.kept.append(recipe.kept[0])
        let text = try recipe.jsonText()
        let error = #expect(throws: RecipeError.self) { try RecipeReader.read(Data(text.utf8), from: "test") }
        #expect(error?.description.contains(recipe.kept[0].tensor) == true)
    }
}

@Suite struct AtomicFileTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/plan-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func content(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    @Test("a file is replaced as a whole, keeps its permissions, and leaves nothing beside it")
    func replaces() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/a.json"
        try AtomicFile.write(Array("old".utf8), to: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        try AtomicFile.write(Array("new".utf8), to: path)
        #expect(try content(path) == "new")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.json"])
    }

    @Test("a link is followed, not replaced")
    func followsLinks() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try AtomicFile.write(Array("old".utf8), to: folder + "/a.json")
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/link",
            withDestinationPath: folder + "/a.json"
        )
        try AtomicFile.write(Array("new".utf8), to: folder + "/link")
        #expect(try content(folder + "/a.json") == "new")
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == folder + "/a.json"
        )
    }

    @Test("a device is written to, not replaced by a file")
    func keepsDevices() throws {
        try AtomicFile.write(Array("x".utf8), to: "/dev/null")
        #expect(
            try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
                == .typeCharacterSpecial
        )
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test("a folder, a missing folder and an empty name are errors that leave nothing behind")
    func refuses() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for path in [folder, folder + "/missing/a.json", ""] {
            #expect(throws: RecipeError.self) { try AtomicFile.write([1], to: path) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
}
