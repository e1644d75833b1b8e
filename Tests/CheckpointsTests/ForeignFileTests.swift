import Foundation
import Tensors
import TestSupport
import Testing

@testable import Checkpoints

/// Files that other programs wrote, byte for byte.
struct ForeignFileTests {
    private func bytes(_ base64: String) throws -> [UInt8] {
        [UInt8](try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters)))
    }

    // gguf-py 0.19.0: GGUFWriter with a Q8_0, an F32 and an F16 tensor.
    private let gguf = """
        R0dVRgMAAAADAAAAAAAAAAYAAAAAAAAAFAAAAAAAAABnZW5lcmFsLmFyY2hpdGVjdHVyZQgAAAAEAAAAAAAAAGZsdXgMAAAA
        AAAAAGdlbmVyYWwubmFtZQgAAAAEAAAAAAAAAHRpbnkEAAAAAAAAAGxpc3QJAAAABQAAAAMAAAAAAAAAAQAAAAIAAAADAAAA
        BQAAAAAAAAB3b3JkcwkAAAAIAAAAAgAAAAAAAAABAAAAAAAAAGEHAAAAAAAAAGdyw7bDn2UFAAAAAAAAAHNjYWxlBgAAAAAA
        AD8EAAAAAAAAAGZsYWcHAAAAAQwAAAAAAAAAYmxrLjAud2VpZ2h0AgAAAEAAAAAAAAAAAgAAAAAAAAAIAAAAAAAAAAAAAAAK
        AAAAAAAAAGJsay4wLmJpYXMBAAAAAwAAAAAAAAAAAAAAoAAAAAAAAAAEAAAAAAAAAGVtYmQDAAAABAAAAAAAAAADAAAAAAAA
        AAIAAAAAAAAAAQAAAMAAAAAAAAAAAAAA0DMABAgMEBQZHSElKS0xNTk9QkZKTlJWWl5iZmtvc3d7f/A3QUNFR0lLTU9RU1VX
        WVtdX2FjZWdpa21vcXN1d3l7fX/8OVZXWFpbXF5fYGJjZGZnaGprbG5vcHJzdHZ3eHp7fH5/ADxgYWJjZGVmZ2hpamtsbW5v
        cHFyc3R1dnd4eXp7fH1+fwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA/AAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAA
        ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8AAAAAAAAAAAAAAAAAAAAAA==
        """

    // The same with endianess=GGUFEndian.BIG.
    private let bigEndianGGUF = """
        R0dVRgAAAAMAAAAAAAAAAwAAAAAAAAAGAAAAAAAAABRnZW5lcmFsLmFyY2hpdGVjdHVyZQAAAAgAAAAAAAAABGZsdXgAAAAA
        AAAADGdlbmVyYWwubmFtZQAAAAgAAAAAAAAABHRpbnkAAAAAAAAABGxpc3QAAAAJAAAABQAAAAAAAAADAAAAAQAAAAIAAAAD
        AAAAAAAAAAV3b3JkcwAAAAkAAAAIAAAAAAAAAAIAAAAAAAAAAWEAAAAAAAAAB2dyw7bDn2UAAAAAAAAABXNjYWxlAAAABj8A
        AAAAAAAAAAAABGZsYWcAAAAHAQAAAAAAAAAMYmxrLjAud2VpZ2h0AAAAAgAAAAAAAABAAAAAAAAAAAIAAAAIAAAAAAAAAAAA
        AAAAAAAACmJsay4wLmJpYXMAAAABAAAAAAAAAAMAAAAAAAAAAAAAAKAAAAAAAAAABGVtYmQAAAADAAAAAAAAAAQAAAAAAAAA
        AwAAAAAAAAACAAAAAQAAAAAAAADAAAAA0DMABAgMEBQZHSElKS0xNTk9QkZKTlJWWl5iZmtvc3d7f/A3QUNFR0lLTU9RU1VX
        WVtdX2FjZWdpa21vcXN1d3l7fX/8OVZXWFpbXF5fYGJjZGZnaGprbG5vcHJzdHZ3eHp7fH5/ADxgYWJjZGVmZ2hpamtsbW5v
        cHFyc3R1dnd4eXp7fH1+fwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/gAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        PAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAAAAAAAAAAAAAAAAAAAAAAA==
        """

    // The same with split_max_tensors=2, which gives two files.
    private let splitGGUF = [
        """
        R0dVRgMAAAACAAAAAAAAAAkAAAAAAAAAFAAAAAAAAABnZW5lcmFsLmFyY2hpdGVjdHVyZQgAAAAEAAAAAAAAAGZsdXgMAAAA
        AAAAAGdlbmVyYWwubmFtZQgAAAAEAAAAAAAAAHRpbnkEAAAAAAAAAGxpc3QJAAAABQAAAAMAAAAAAAAAAQAAAAIAAAADAAAA
        BQAAAAAAAAB3b3JkcwkAAAAIAAAAAgAAAAAAAAABAAAAAAAAAGEHAAAAAAAAAGdyw7bDn2UFAAAAAAAAAHNjYWxlBgAAAAAA
        AD8EAAAAAAAAAGZsYWcHAAAAAQgAAAAAAAAAc3BsaXQubm8CAAAAAAALAAAAAAAAAHNwbGl0LmNvdW50AgAAAAIAEwAAAAAA
        AABzcGxpdC50ZW5zb3JzLmNvdW50BQAAAAMAAAAMAAAAAAAAAGJsay4wLndlaWdodAIAAABAAAAAAAAAAAIAAAAAAAAACAAA
        AAAAAAAAAAAACgAAAAAAAABibGsuMC5iaWFzAQAAAAMAAAAAAAAAAAAAAKAAAAAAAAAAAAAAAADQMwAECAwQFBkdISUpLTE1
        OT1CRkpOUlZaXmJma29zd3t/8DdBQ0VHSUtNT1FTVVdZW11fYWNlZ2lrbW9xc3V3eXt9f/w5VldYWltcXl9gYmNkZmdoamts
        bm9wcnN0dnd4ent8fn8APGBhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAgD8AAABAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
        """,
        """
        R0dVRgMAAAABAAAAAAAAAAMAAAAAAAAACAAAAAAAAABzcGxpdC5ubwIAAAABAAsAAAAAAAAAc3BsaXQuY291bnQCAAAAAgAT
        AAAAAAAAAHNwbGl0LnRlbnNvcnMuY291bnQFAAAAAwAAAAQAAAAAAAAAZW1iZAMAAAAEAAAAAAAAAAMAAAAAAAAAAgAAAAAA
        AAABAAAAAAAAAAAAAAAAAAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAA8ADwAPAAAAAAAAAAA
        AAAAAAAAAAA=
        """,
    ]

    // safetensors 0.8.0: save_file of six arrays with metadata.
    private let safetensors = """
        qAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJncsO2w59lIjoiXCLDvFxuIiwiZm9ybWF0IjoibnAifSwiaWR4Ijp7ImR0eXBl
        IjoiSTY0Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMCwxNl19LCJlbXB0eSI6eyJkdHlwZSI6IkYzMiIsInNoYXBl
        IjpbMCw0XSwiZGF0YV9vZmZzZXRzIjpbMTYsMTZdfSwic2NhbGFyIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOltdLCJkYXRh
        X29mZnNldHMiOlsxNiwyMF19LCJiLndlaWdodCI6eyJkdHlwZSI6IkJGMTYiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0
        cyI6WzIwLDMyXX0sImEud2VpZ2h0Ijp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOlsxLDIsMl0sImRhdGFfb2Zmc2V0cyI6WzMy
        LDQwXX0sIm1hc2siOnsiZHR5cGUiOiJCT09MIiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNDAsNDNdfX0gICAgICAg
        AAAAAAAAAAABAAAAAAAAAAAAwD+AP4A/gD+AP4A/gD8APAA8ADwAPAEAAQ==
        """

    @Test("a file of gguf-py's writer is read as its own reader reads it")
    func ggufWriter() throws {
        let folder = try ScratchFolder()
        let model = try Model.read(path: folder.write(bytes(gguf), "tiny.gguf"))
        #expect(model.name == "tiny")
        #expect(model.architecture == "flux")
        #expect(model.tensors.map(\.name) == ["blk.0.weight", "blk.0.bias", "embd"])
        #expect(model.tensors.map(\.shape) == [[2, 64], [3], [2, 3, 4]])
        #expect(model.tensors.map(\.elementType) == [.q8_0, .f32, .f16])
        #expect(model.locations.map(\.offset) == [384, 544, 576])
        #expect(model.locations.map(\.byteCount) == [136, 12, 48])
        #expect(model.fileByteCount == 640)
        #expect(
            model.metadata == [
                GGUFMetadata("general.architecture", .string("flux")),
                GGUFMetadata("general.name", .string("tiny")),
                GGUFMetadata("list", .int32Array([1, 2, 3])),
                GGUFMetadata("words", .array(of: .string, [.string("a"), .string("größe")])),
                GGUFMetadata("scale", .float32(0.5)),
                GGUFMetadata("flag", .bool(true)),
            ]
        )
        #expect(try GGUFHeader(metadata: model.metadata).byteCount(for: model.tensors) == 384)
    }

    @Test("a big-endian file of gguf-py's writer is refused by a sentence of its own")
    func bigEndian() throws {
        let folder = try ScratchFolder()
        let path = try folder.write(bytes(bigEndianGGUF), "tiny.gguf")
        #expect(throws: CheckpointError.malformedFile(path: path, offset: 4, .bigEndian)) {
            try Model.read(path: path)
        }
    }

    @Test("a split file of gguf-py's writer is read from any of its parts")
    func split() throws {
        let folder = try ScratchFolder()
        let whole = try Model.read(path: folder.write(bytes(gguf), "tiny.gguf"))
        let names = ["s-00001-of-00002.gguf", "s-00002-of-00002.gguf"]
        let paths = try zip(names, splitGGUF).map { try folder.write(bytes($1), $0) }
        for path in paths {
            let model = try Model.read(path: path)
            #expect(model.name == "s")
            #expect(model.digest == whole.digest)
            #expect(model.metadata == whole.metadata)
            #expect(model.locations.map(\.file) == [0, 0, 1])
            #expect(model.locations.map(\.offset) == [416, 576, 160])
        }
    }

    @Test("a file of the safetensors package is read, scalars and empty tensors included")
    func safetensorsPackage() throws {
        let folder = try ScratchFolder()
        let model = try Model.read(path: folder.write(bytes(safetensors), "tiny.safetensors"))
        #expect(model.tensors.map(\.name) == ["idx", "scalar", "b.weight", "a.weight", "mask"])
        #expect(model.tensors.map(\.shape) == [[2], [1], [2, 3], [1, 2, 2], [3]])
        #expect(model.tensors.map { $0.elementType?.name } == ["I64", "F32", "BF16", "F16", "BOOL"])
        #expect(model.locations.map(\.offset) == [432, 448, 452, 464, 472])
        #expect(model.locations.map(\.byteCount) == [16, 4, 12, 8, 3])
        #expect(model.emptyTensors == ["empty"])
        #expect(model.metadataValue(for: "format") == .string("np"))
        #expect(model.metadataValue(for: "größe") == .string("\"ü\n"))
    }
}
