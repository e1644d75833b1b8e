import Foundation
import Tensors
import Testing

struct QuantizationFormatTests {
    private struct Entry: Decodable {
        let name: String
        let ggufTypeID: UInt32
        let ggmlName: String
        let blockElements: Int
        let blockBytes: Int
        let needsImportanceMatrix: Bool
    }

    @Test("the table holds exactly ggml's formats, and the two 8-bit floats")
    func table() throws {
        let entries = try JSONDecoder().decode([Entry].self, from: Data(ggmlFormats.utf8))
        let formats = QuantizationFormat.all
        #expect(entries.count == 35)
        #expect(formats.map(\.name) == entries.map(\.name) + ["float8_e4m3fn", "float8_e5m2"])
        for (format, entry) in zip(formats, entries) {
            #expect(format.ggufTypeID == entry.ggufTypeID, "\(format)")
            #expect(format.ggmlName == entry.ggmlName, "\(format)")
            #expect(format.blockElements == entry.blockElements, "\(format)")
            #expect(format.blockBytes == entry.blockBytes, "\(format)")
            #expect(format.needsImportanceMatrix == entry.needsImportanceMatrix, "\(format)")
        }
    }

    @Test(
        "8-bit floats take one byte per element and are no GGUF type",
        arguments: [
            QuantizationFormat.float8_e4m3fn, .float8_e5m2, .float8_e4m3fn_scaled, .float8_e5m2_scaled,
        ]
    )
    func float8(format: QuantizationFormat) {
        #expect(format.blockElements == 1)
        #expect(format.blockBytes == 1)
        #expect(format.ggufTypeID == nil)
        #expect(format.ggmlName == nil)
    }

    @Test(
        "8-bit floats with a scale have a name of their own, and elements that files call by the name without"
    )
    func scaledFloats() {
        #expect(QuantizationFormat(named: "float8_e4m3fn_scaled") == .float8_e4m3fn_scaled)
        #expect(QuantizationFormat.scaled.map(\.elementFormat) == [.float8_e4m3fn, .float8_e5m2])
        #expect(QuantizationFormat.float8_e4m3fn.scaledFormat == .float8_e4m3fn_scaled)
        #expect(QuantizationFormat.float8_e5m2_scaled.scaledFormat == .float8_e5m2_scaled)
        #expect(QuantizationFormat.q8_0.scaledFormat == nil && QuantizationFormat.q8_0.elementFormat == .q8_0)
        #expect(QuantizationFormat.scaled.allSatisfy(\.isScaled) && !QuantizationFormat.float8_e5m2.isScaled)
    }

    @Test("integers, doubles and formats of running programs hold no weights")
    func weightFormats() {
        let others = QuantizationFormat.all.filter { !$0.isWeightFormat }.map(\.name)
        #expect(others == ["Q8_1", "Q8_K", "I8", "I16", "I32", "I64", "F64"])
    }

    @Test("every format is found by its name, in any case, and by ggml's name")
    func names() {
        for format in QuantizationFormat.all {
            #expect(QuantizationFormat(named: format.name) == format)
            #expect(QuantizationFormat(named: format.name.lowercased()) == format)
            #expect(QuantizationFormat(named: format.name.uppercased()) == format)
            if let ggmlName = format.ggmlName { #expect(QuantizationFormat(named: ggmlName) == format) }
        }
    }

    @Test(
        "PyTorch's names are known",
        arguments: [
            ("float8_e4m3fn", QuantizationFormat.float8_e4m3fn), ("float8_e5m2", .float8_e5m2),
            ("bfloat16", .bf16),
            ("float16", .f16), ("float32", .f32),
        ]
    )
    func torchNames(name: String, format: QuantizationFormat) {
        #expect(QuantizationFormat(named: name) == format)
        #expect(QuantizationFormat(named: "torch." + name) == format)
    }

    @Test("other names are unknown", arguments: ["", " Q4_1", "Q4_1 ", "Q4", "Q4_K_S", "torch.Q4_1", "F8"])
    func unknownNames(name: String) {
        #expect(QuantizationFormat(named: name) == nil)
    }

    @Test("no two formats have a name or a GGUF number in common")
    func unique() {
        let formats = QuantizationFormat.all
        #expect(Set(formats.map { $0.name.lowercased() }).count == formats.count)
        let numbers = formats.compactMap(\.ggufTypeID)
        #expect(Set(numbers).count == numbers.count)
    }

    @Test(
        "bits per weight include the block's scales",
        arguments: [
            (QuantizationFormat.q4_0, 4.5), (.q4_1, 5), (.q5_1, 6), (.q8_0, 8.5), (.q6_K, 6.5625),
            (.bf16, 16),
            (.float8_e4m3fn, 8),
        ]
    )
    func bitsPerWeight(format: QuantizationFormat, bits: Double) {
        #expect(format.bitsPerWeight == bits)
    }

    @Test("a format fits where its block divides the row, whatever the number of elements")
    func fitting() throws {
        let row64 = try TensorInfo(name: "w", shape: [256, 64])
        #expect(QuantizationFormat.q8_0.byteCount(of: row64) == 256 * 2 * 34)
        #expect(QuantizationFormat.q8_0.fits(row64))
        // 256 · 64 elements are a multiple of 256, but a row is not.
        #expect(QuantizationFormat.q4_K.byteCount(of: row64) == nil)
        #expect(!QuantizationFormat.q4_K.fits(row64))
        #expect(QuantizationFormat.bf16.byteCount(of: row64) == 256 * 64 * 2)
    }

    @Test("the largest tensor has a size in every format that fits")
    func largest() throws {
        let tensor = try TensorInfo(name: "w", shape: [1 << 28, 1 << 28])
        #expect(QuantizationFormat.f32.byteCount(of: tensor) == 1 << 58)
        for format in QuantizationFormat.all {
            let bytes = try #require(format.byteCount(of: tensor))
            #expect(!bytes.multipliedReportingOverflow(by: 8).overflow, "\(format)")
        }
    }
}
