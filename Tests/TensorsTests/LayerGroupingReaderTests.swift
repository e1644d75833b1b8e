import Foundation
import Tensors
import TestSupport
import Testing
import Text

struct LayerGroupingReaderTests {
    static let whole = """
        {
          "name": "mine",
          "ignoredPrefixes": ["model.diffusion_model."],
          "keep": [
            {"match": "*", "format": "F32", "dimensions": [1, 1]},
            {"match": "img_in.*", "format": "bf16"}
          ],
          "rules": [
            {"match": "double_blocks.*.img_*.weight", "layer": "layer{1:02}.img", "dimensions": [2, 4]},
            {"match": "single_blocks.*.*", "layer": "layer{1+19:02}.x", "dimensions": [2, null]}
          ]
        }
        """

    private func read(_ text: String) throws(TensorError) -> LayerGrouping {
        try LayerGroupingReader.read(Array(text.utf8), from: "g.json")
    }

    @Test("a grouping is read as it is documented, and does what it says")
    func reading() throws {
        let grouping = try read("\u{FEFF}" + Self.whole)
        #expect(grouping.name == "mine")
        #expect(grouping.ignoredPrefixes == ["model.diffusion_model."])
        #expect(grouping.keeps.map(\.dimensions) == [1...1, 1...Int.max])
        #expect(grouping.rules.map(\.dimensions) == [2...4, 2...Int.max])
        let model = try grouping.grouped([
            TensorInfo(name: "model.diffusion_model.double_blocks.3.img_attn.qkv.weight", shape: [4, 4]),
            TensorInfo(name: "img_in.weight", shape: [4, 4]),
            TensorInfo(name: "img_in.bias", shape: [4]),
            TensorInfo(name: "single_blocks.0.linear1.weight", shape: [4, 4]),
        ])
        #expect(model.layers.map(\.name) == ["layer03.img", "layer19.x"])
        #expect(model.kept.map(\.format) == [.bf16, .f32])
    }

    @Test("keep and ignored prefixes may be left out")
    func shortest() throws {
        let grouping = try read(#"{"name": "n", "rules": [{"match": "*", "layer": "{0}"}]}"#)
        #expect(grouping.keeps.isEmpty)
        #expect(grouping.ignoredPrefixes.isEmpty)
    }

    @Test(
        "what is wrong is said with its line",
        arguments: [
            ("[]", 1, "the top level is an array; give an object"),
            ("{\n}", 1, "the top level has no \"name\"; add it"),
            ("{\"name\": \"n\"}", 1, "the top level has no \"rules\"; add it"),
            ("{\"name\": \"\", \"rules\": []}", 1, "name is empty; give the grouping a name"),
            ("{\"name\": 1, \"rules\": []}", 1, "name is 1; give a string"),
            ("{\"name\": \"n\",\n\"rules\": []}", 2, "rules is empty; add a rule per kind of layer"),
            ("{\"name\": \"n\",\n\"rules\": {}}", 2, "rules is an object; give an array"),
            (
                "{\"name\": \"n\",\n\"rule\": []}", 2,
                "the top level has the unknown key \"rule\"; use name, rules, ignoredPrefixes, keep"
            ),
            (
                "{\"name\": \"n\",\n\"name\": \"m\"}", 2,
                "the top level has \"name\" twice, first on line 1; delete one of the two"
            ),
            ("{\"name\": \"n\", \"rules\": [\n7]}", 2, "rules[0] is 7; give an object"),
            ("{\"name\": \"n\", \"rules\": [\n{\"match\": \"a\"}]}", 2, "rules[0] has no \"layer\"; add it"),
            (
                "{\"name\": \"n\", \"rules\": [\n{\"match\": \"[\", \"layer\": \"a\"}]}", 2,
                "rules[0].match cannot be used: the pattern \"[\" has a [ without its ]; close it, or write [[] for the "
                    + "character itself"
            ),
            (
                "{\"name\": \"n\", \"rules\": [{\"match\": \"a\",\n\"layer\": \"{1}\"}]}", 1,
                "rules[0].match cannot be used: the layer template \"{1}\" uses capture 1, which the pattern \"a\" does not "
                    + "make; add a * to the pattern"
            ),
            (
                "{\"name\": \"n\", \"ignoredPrefixes\": [1], \"rules\": []}", 1,
                "ignoredPrefixes[0] is 1; give a string"
            ),
            (
                "{\"name\": \"n\", \"keep\": [{\"match\": \"a\",\n\"format\": \"Q9\"}], \"rules\": []}", 2,
                "keep[0].format is \"Q9\"; give the name of a known format, such as BF16"
            ),
            (
                "{\"name\": \"n\", \"keep\": [{\"match\": \"\", \"format\": \"F32\"}], \"rules\": []}", 1,
                "keep[0].match cannot be used: the pattern is empty; write * to match every name"
            ),
            ("{\"name\":", 1, "unexpected end at column 9, in name"),
        ]
    )
    func mistakes(text: String, line: Int, problem: String) {
        #expect(throws: TensorError.badGrouping(source: "g.json", line: line, problem: problem)) {
            try read(text)
        }
    }

    @Test(
        "dimensions that are none are an error",
        arguments: [
            ("1", " is 1; give an array"),
            ("[]", " is an array; give the fewest and the most dimensions, such as [2, 4] or [2, null]"),
            (
                "[1, 2, 3]",
                " is an array; give the fewest and the most dimensions, such as [2, 4] or [2, null]"
            ),
            ("[0, 1]", "[0] is 0; give a whole number from 1 up"),
            ("[1.5, 2]", "[0] is 1.5; give a whole number from 1 up"),
            ("[null, 2]", "[0] is null; give a whole number from 1 up"),
            ("[2, 1]", "[1] is 1; give a whole number from 2 up"),
            ("[1, \"2\"]", "[1] is \"2\"; give a whole number from 1 up"),
        ]
    )
    func dimensions(text: String, problem: String) {
        let problem = "rules[0].dimensions" + problem
        #expect(throws: TensorError.badGrouping(source: "g.json", line: 1, problem: problem)) {
            try read(
                "{\"name\": \"n\", \"rules\": [{\"match\": \"*\", \"layer\": \"a\", \"dimensions\": \(text)}]}"
            )
        }
    }

    @Test("bytes that are no text, or too many, are an error")
    func bytes() {
        let notText = TensorError.badGrouping(
            source: "g",
            line: 1,
            problem: "unexpected the byte 255 at column 1"
        )
        #expect(throws: notText) { try LayerGroupingReader.read([0xFF], from: "g") }
        let large = [UInt8](repeating: 0x20, count: LayerGroupingReader.maximumByteCount + 1)
        #expect(
            throws: TensorError.file(
                FileError(path: "g", .tooLarge(limit: LayerGroupingReader.maximumByteCount))
            )
        ) { try LayerGroupingReader.read(large, from: "g") }
    }

    @Test("a grouping is read from a file, and a path without one is told apart")
    func file() throws {
        let folder = try ScratchFolder()
        let path = try folder.write(Self.whole, "g.json")
        #expect(try LayerGroupingReader.read(path: path) == read(Self.whole))
        for missing in ["", path + "x", path + "/x", "a\u{0}b"] {
            #expect(throws: TensorError.file(FileError(path: missing, .missing))) {
                try LayerGroupingReader.read(path: missing)
            }
        }
        #expect(throws: TensorError.file(FileError(path: folder.url.path, .folder))) {
            try LayerGroupingReader.read(path: folder.url.path)
        }
    }
}
