import Text
import Foundation
import Sensitivity
import TestSupport
import Testing

@Suite("captures")
struct CaptureTests {
    private func merge(_ captures: CaptureBytes...) throws -> StateMerge {
        var merge = try CaptureMerge(CaptureFile.read(captures[0].data, file: "c"))
        for capture in captures.dropFirst() {
            try merge.add(CaptureFile.read(capture.data, file: "c"))
        }
        return merge
    }

    @Test("a capture becomes Tables 1, 2 and 3")
    func tables() throws {
        let tables = try merge(.whole()).measurement.tables(named: "tiny")
        let row = try #require(tables.row(of: HiddenState(before: 1, stream: .x)))
        // Samples 0 and 1 with two draws each: 2, 2.5 and 2.125, 2.5.
        #expect(row.sensitivity?.mean == 2.28125)
        #expect(abs((row.sensitivity?.spread ?? 0) - 0.03125) < 1e-15)
        #expect(row.meanSquare == 4)
        let impact = try #require(tables.impacts?.impact(layer: "layer00.txt", format: "Q4_1"))
        #expect(abs(impact - 0.125.squareRoot() * 2.28125 / 2) < 1e-15)
        #expect(tables.impacts?.layers == ["layer00.img", "layer00.txt", "layer01.x"])
    }

    @Test("what a cast ruins is inf, in whichever capture")
    func infiniteCasts() throws {
        var ruined = CaptureBytes.whole(samples: [5, 6])
        for index in ruined.tensors.indices where ruined.tensors[index].name == "cast_loss.0.img.Q4_1" {
            ruined.tensors[index].values = [.nan, 0.5]
        }
        let tables = try merge(.whole(), ruined).measurement.tables(named: "tiny")
        #expect(tables.impacts?.cell(layer: "layer00.img", format: "Q4_1") == .forbidden(.infinite))
        #expect(tables.impacts?.impact(layer: "layer00.img", format: "Q8_0") != nil)
    }

    @Test("captures of several machines give what one capture of all samples gives", arguments: 0..<10)
    func merging(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let numbers = Array(0..<12).shuffled(using: &generator)
        let whole = try merge(.whole(samples: numbers)).measurement.tables(named: "t")
        let parts = try merge(
            .whole(samples: Array(numbers[..<3])),
            .whole(samples: Array(numbers[3..<4])),
            .whole(samples: Array(numbers[4...]))
        )
        #expect(parts.sampleCount == 12 && parts.captureCount == 3)
        for (one, other) in zip(whole.rows, try parts.measurement.tables(named: "t").rows) {
            let (left, right) = (try #require(one.sensitivity), try #require(other.sensitivity))
            #expect(abs(left.mean - right.mean) < 1e-13)
            #expect(abs(left.spread - right.spread) < 1e-13)
        }
    }

    @Test("the same capture counts once, and another with one of its samples is refused")
    func repetition() throws {
        var merge = try merge(.whole())
        let before = merge
        #expect(try merge.add(CaptureFile.read(CaptureBytes.whole().data, file: "c")) == false)
        #expect(merge == before)
        for (capture, part) in [
            (CaptureBytes.whole(samples: [1, 9]), "sample 1 has"),
            (CaptureBytes.whole(samples: [7, 8]).with("model", "other"), "of \"tiny\" and \"other\""),
            (CaptureBytes.whole(samples: [7, 8]).with("perturbation", "0.02"), "perturbations"),
        ] {
            let error = #expect(throws: SensitivityError.self) {
                try merge.add(CaptureFile.read(capture.data, file: "c"))
            }
            #expect(error?.description.contains(part) == true)
            #expect(merge == before)
        }
        // The same samples may bring other values.
        var casts = CaptureBytes.whole(formats: ["Q5_1"])
        casts.tensors.removeAll { !$0.name.hasPrefix("cast_loss") }
        #expect(try merge.add(CaptureFile.read(casts.data, file: "c")))
        #expect(merge.measurement.formats == ["Q4_1", "Q8_0", "Q5_1"])
    }

    @Test("what was measured reads back from JSON as itself, and going on gives the same as all at once")
    func roundTrip() throws {
        let first = try merge(.whole(samples: [3, -4, 1 << 60]))
        let text = try MeasurementDocument.text(first)
        var read = try MeasurementDocument.read(text: text, file: "t.json")
        #expect(read == first)
        #expect(try MeasurementDocument.text(read) == text)
        try read.add(CaptureFile.read(CaptureBytes.whole(samples: [10]).data, file: "c"))
        #expect(try read == merge(.whole(samples: [3, -4, 1 << 60]), .whole(samples: [10])))
        #expect(read.sampleCount == 4)
    }

    @Test("what may be null still has to be there", arguments: ["joinLayer", "model", "states", "captures"])
    func missing(member: String) throws {
        let text = try MeasurementDocument.text(merge(.whole()))
        let changed = text.replacing("\"\(member)\":", with: "\"other\":", maxReplacements: 1)
        #expect(changed != text)
        let problem = TableProblem.json("the top level has no \"\(member)\"; add it")
        #expect(throws: SensitivityError.badTable(file: "t", line: 1, problem: problem)) {
            try MeasurementDocument.read(text: changed, file: "t")
        }
    }

    @Test("the JSON is an impact table that brings its ±, and the page in Markdown reads back as itself")
    func readsAsTable() throws {
        let merge = try merge(.whole(), .whole(samples: [2], formats: ["torch.float8_e4m3fn"]))
        let tables = try merge.measurement.tables(named: "tiny")
        let reading = try ImpactTableReader.read(text: MeasurementDocument.text(merge), name: "tiny")
        #expect(reading.shape == .jsonWide)
        #expect(reading.table.layers == tables.impacts?.layers)
        #expect(reading.table.cells == tables.impacts?.cells)
        #expect(try reading.profile == tables.profile())
        let page = try SensitivityAnalysisPage(tables)
        let again = try SensitivityAnalysisPage(markdown: page.markdown, name: "tiny")
        #expect(again.profile == page.profile)
        #expect(again.impacts.cells == page.impacts.cells)
        #expect(again.impacts.formats == ["Q4_1", "Q8_0", "float8_e4m3fn"])
    }

    @Test("the published page survives being written and read")
    func publishedPage() throws {
        let page = try SensitivityAnalysisPage.fluxDev
        let again = try SensitivityAnalysisPage(markdown: page.markdown, name: "flux1-dev")
        #expect(again.profile == page.profile)
        #expect(again.impacts.layers == page.impacts.layers)
        #expect(again.impacts.cells == page.impacts.cells)
    }

    @Test("a page needs casts, and formats without bars")
    func pagesThatCannotBe() throws {
        var states = CaptureBytes.whole()
        states.tensors.removeAll { $0.name.hasPrefix("cast_loss") }
        let tables = try merge(states).measurement.tables(named: "tiny")
        #expect(
            throws: SensitivityError.unusableMeasurement(
                "no layer was cast, so there is no Table 3: capture losses of casts as well"
            )
        ) { try SensitivityAnalysisPage(tables) }
        let barred = try merge(.whole(formats: ["a|b"])).measurement.tables(named: "tiny")
        #expect(
            throws: SensitivityError.unusableMeasurement(
                "a format has a bar in its name, which a table in Markdown cannot have: rename it"
            )
        ) { try SensitivityAnalysisPage(barred) }
    }

    /// Why each of the files below is no capture, in their order.
    private static let refusals = [
        "at byte 0: the file ends 8 bytes too early to hold the header's length; it is cut off, so fetch it again",
        "at byte 0: the file ends 6 bytes too early to hold the header's length; it is cut off, so fetch it again",
        "at byte 0: the header is longer than 100000000 bytes; no model's is, so fetch the file again",
        "at byte 8: the file ends 100 bytes too early to hold the header; it is cut off, so fetch it again",
        "at byte 0: the header has 1 byte, and the smallest has 2; fetch the file again",
        "at byte 8: the header is not an object; correct it where the file is made",
        #"the model "c" has no tensors; a plan needs at least one: give a capture in safetensors"#,
        "at byte 0: the header has 1 byte, and the smallest has 2; fetch the file again",
        "the metadata has no plan_capture of 1: give a capture, version 1",
        #"the model "c" has no tensors; a plan needs at least one: give a capture in safetensors"#,
        #"at byte 140: two tensors are named "samples"; name each tensor once where the file is made"#,
        #"at byte 140: the file is 8 bytes too short and cut off in the data of tensor "samples" or before; fetch it again"#,
        "at byte 148: the file has 8 bytes after the last tensor's data; cut them off or fetch it again",
        #"the model "c" has no tensors; a plan needs at least one: give a capture in safetensors"#,
        "there is no 'samples' of type I64 with one dimension: add it",
        #"at byte 81: the data of tensor "samples" begin at 8 and end before that, at 0; convert the model again"#,
        #"at byte 115: shape[0] of tensor "samples" is -1, and must be a whole number from 0 to 2^64 - 1; correct it where the file is made"#,
        #"at byte 115: shape[0] of tensor "samples" is 1.5, and must be a whole number from 0 to 2^64 - 1; correct it where the file is made"#,
        #"at byte 114: shape of tensor "samples" is not an array; correct it where the file is made"#,
        #"at byte 81: tensor "samples" has more than 2^56 elements; check its shape"#,
        #"at byte 81: tensor "samples" has 9223372036854775807 bytes of data, and its shape and element type take 8; convert the model again"#,
        #"at byte 193: the data of tensor "x" begin 8 bytes before those of "samples" end; convert the model again"#,
        #"the tensor "end_loss.0.x" has no elements: leave it out"#,
        #"at byte 216: the file is 2 bytes too short and cut off in the data of tensor "end_loss.0.x" or before; fetch it again"#,
        "the metadata has no plan_capture of 1: give a capture, version 1",
        "the metadata names no model: add 'model' without control characters",
        "a stack has 0 layers: give 1 to 100000",
        "the metadata has no number of 'layers': add it",
        "a stack has 99999999999 layers: give 1 to 100000",
        "the streams are joined before layer 9: give one of 0 to 2",
        #"'join' in the metadata is "one": give the number of a layer"#,
        #"'perturbation' in the metadata is "nan": give a number"#,
        "the perturbation is 0.0: give a number above 0 and up to 2",
        "'samples' is empty or has a number twice: name every sample once",
        "the capture has a state that the model does not have: capture it anew",
        "the capture has a state that the model does not have: capture it anew",
        #"the tensor "end_loss.00.img" is none of a capture: give end_loss, mean_square or cast_loss of a layer and stream, F32 or F64, with one row per sample"#,
        #"the tensor "end_loss.9223372036854775808.x" is none of a capture: give end_loss, mean_square or cast_loss of a layer and stream, F32 or F64, with one row per sample"#,
        #"the tensor "mean_square.1" is none of a capture: give end_loss, mean_square or cast_loss of a layer and stream, F32 or F64, with one row per sample"#,
        #"the tensor "mean_square.1.y" is none of a capture: give end_loss, mean_square or cast_loss of a layer and stream, F32 or F64, with one row per sample"#,
        #"the tensor "end_loss.1.x.more" has the shape [2, 1]: end_loss takes [samples, draws], mean_square and cast_loss take [samples]"#,
        "a format cannot be a column of a table: the format has no name: give one",
        #"a format cannot be a column of a table: "layer" cannot be a name: leave out control characters, spaces at the ends and words of the header"#,
        "layer 2 with the stream x is cast: the stack has no such layer",
        #"the tensor "mean_square.1.x" is none of a capture: give end_loss, mean_square or cast_loss of a layer and stream, F32 or F64, with one row per sample"#,
        #"the cast "cast_loss.1.x.torch.Q4_1" is there in two spellings: delete one"#,
        #"the tensor "other.1.x" has the shape [2]: end_loss takes [samples, draws], mean_square and cast_loss take [samples]"#,
        #"the tensor "weights" is none of a capture: give end_loss, mean_square or cast_loss of a layer and stream, F32 or F64, with one row per sample"#,
        "the loss of casting layer01.x is -1.0: give a finite number from 0 up",
        "a loss at the end after perturbing x before layer 1 is nan: give a finite number from 0 up",
        "a loss at the end after perturbing x before layer 1 is -1.0: give a finite number from 0 up",
        "the mean square of x before layer 1 is inf: give a finite number from 0 up",
        "the mean square of x before layer 1 is -1.0: give a finite number from 0 up",
    ]

    @Test("a file that is no capture is an error with the file's name, never a trap")
    func refusesFiles() throws {
        let entry = #""samples":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}"#
        let metadata = #""__metadata__":{"plan_capture":"1","model":"m","layers":"1","join":"0"}"#
        let word = CaptureBytes.word(0)
        func file(_ entries: String..., body: Data = word) -> Data {
            CaptureBytes.file(header: "{\(entries.joined(separator: ","))}", body: body)
        }
        #expect(try CaptureFile.read(file(metadata, entry), file: "c").samples == [0])
        let files: [Data] = [
            Data(), Data([1, 2]), CaptureBytes.word(.max), CaptureBytes.word(100),
            CaptureBytes.file(header: "["),
            CaptureBytes.file(header: "[]"), CaptureBytes.file(header: "{}"),
            CaptureBytes.word(1) + Data([0xFF]),
            file(entry), file(metadata, body: Data()), file(metadata, entry, entry),
            file(metadata, entry, body: Data()),
            file(metadata, entry, body: word + word),
            file(metadata, #""samples":{"dtype":"I64","shape":[0],"data_offsets":[0,0]}"#, body: Data()),
            file(metadata, #""samples":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#),
            file(metadata, #""samples":{"dtype":"I64","shape":[1],"data_offsets":[8,0]}"#),
            file(metadata, #""samples":{"dtype":"I64","shape":[-1],"data_offsets":[0,8]}"#),
            file(metadata, #""samples":{"dtype":"I64","shape":[1.5],"data_offsets":[0,8]}"#),
            file(metadata, #""samples":{"dtype":"I64","shape":1,"data_offsets":[0,8]}"#),
            file(
                metadata,
                #""samples":{"dtype":"I64","shape":[4611686018427387904,4],"data_offsets":[0,8]}"#
            ),
            file(metadata, #""samples":{"dtype":"I64","shape":[1],"data_offsets":[0,9223372036854775807]}"#),
            file(metadata, entry, #""x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}"#),
            file(metadata, entry, #""end_loss.0.x":{"dtype":"F64","shape":[1,0],"data_offsets":[8,8]}"#),
            file(metadata, entry, #""end_loss.0.x":{"dtype":"BF16","shape":[1,1],"data_offsets":[8,10]}"#),
        ]
        let whole = CaptureBytes.whole()
        var captures: [CaptureBytes] = [
            whole.with("plan_capture", "2"), whole.with("model", ""), whole.with("layers", "0"),
            whole.with("layers", "-2"), whole.with("layers", "99999999999"), whole.with("join", "9"),
            whole.with("join", "one"), whole.with("perturbation", "nan"), whole.with("perturbation", "0"),
            .whole(samples: [1, 1]),
        ]
        for (name, shape, values) in [
            ("end_loss.0.x", [2, 1], [1, 1]), ("end_loss.3.x", [2, 1], [1, 1]),
            ("end_loss.00.img", [2, 1], [1, 1]),
            ("end_loss.9223372036854775808.x", [2, 1], [1, 1]), ("mean_square.1", [2], [1, 1]),
            ("mean_square.1.y", [2], [1, 1]), ("end_loss.1.x.more", [2, 1], [1, 1]),
            ("cast_loss.1.x.", [2], [1, 1]),
            ("cast_loss.1.x.layer", [2], [1, 1]), ("cast_loss.2.x.Q2_K", [2], [1, 1]),
            ("mean_square.1.x", [1], [1]),
            ("cast_loss.1.x.torch.Q4_1", [2], [1, 1]), ("other.1.x", [2], [1, 1]), ("weights", [2], [1, 1]),
            ("cast_loss.1.x.Q2_K", [2], [-1, 1]),
        ] as [(String, [Int], [Double])] {
            var capture = whole
            capture.tensors.removeAll { $0.name == name }
            capture.tensors.append((name, shape, values))
            captures.append(capture)
        }
        for (name, value) in [
            ("end_loss.1.x", Double.nan), ("end_loss.1.x", -1), ("mean_square.1.x", .infinity),
            ("mean_square.1.x", -1),
        ] {
            var capture = whole
            for index in capture.tensors.indices where capture.tensors[index].name == name {
                capture.tensors[index].values[0] = value
            }
            captures.append(capture)
        }
        let all = files + captures.map(\.data)
        #expect(all.count == Self.refusals.count)
        for (index, (data, refusal)) in zip(all, Self.refusals).enumerated() {
            #expect(
                sentence { try CaptureFile.read(data, file: "c.safetensors") } == "c.safetensors: \(refusal)",
                "file \(index)"
            )
        }
        #expect(throws: SensitivityError.file(FileError(path: "/nowhere/c", .missing))) {
            try CaptureFile.read(path: "/nowhere/c")
        }
    }

    @Test(
        "a capture cut short or with a changed byte is an error or another capture, never a trap",
        arguments: 0..<40
    )
    func survivesDamage(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let data = CaptureBytes.whole().data
        for _ in 0..<20 {
            var damaged = data
            if Bool.random(using: &generator) {
                damaged = damaged.prefix(Int.random(in: 0..<data.count, using: &generator))
                let found = sentence { try CaptureFile.read(damaged, file: "c") } ?? "read"
                #expect(
                    found.hasPrefix("c: at byte ")
                        && (found.contains(" too early ") || found.contains(" too short ")),
                    "\(damaged.count) bytes: \(found)"
                )
            } else {
                let place = Int.random(in: 0..<data.count, using: &generator)
                damaged[place] = UInt8.random(in: .min ... .max, using: &generator)
                _ = try? CaptureFile.read(damaged, file: "c")
            }
        }
    }

    @Test(
        "JSON of a measurement that was changed is an error or another measurement, never a trap",
        arguments: 0..<40
    )
    func survivesChangedJSON(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let text = Array(try MeasurementDocument.text(merge(.whole())).utf8)
        for _ in 0..<10 {
            var changed = text
            let place = Int.random(in: 0..<text.count, using: &generator)
            changed[place] = "0123456789-.{}[]\",:nai".utf8.randomElement(using: &generator) ?? 0
            let string = String(decoding: changed, as: UTF8.self)
            _ = try? MeasurementDocument.read(text: string, file: "t")
            _ = try? ImpactTableReader.read(text: string, name: "t")
        }
        for (text, expected) in [
            ("{}", #"t:1: the top level has no "version"; add it"#),
            ("", "t:1: the text is not JSON, unexpected end at column 1: correct it there"),
        ] {
            #expect(sentence { try MeasurementDocument.read(text: text, file: "t") } == expected)
        }
    }
}

extension CaptureBytes {
    fileprivate func with(_ key: String, _ value: String) -> CaptureBytes {
        var changed = self
        changed.metadata[key] = value
        return changed
    }
}
