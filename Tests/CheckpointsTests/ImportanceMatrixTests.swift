import Foundation
import Tensors
import TestSupport
import Testing
import Text

@testable import Checkpoints

@Suite("Importance matrices")
struct ImportanceMatrixTests {
    private func number(_ value: Int32) -> [UInt8] { GGUFBytes.number(value) }

    private func floats(_ values: [Float]) -> [UInt8] { values.flatMap { GGUFBytes.number($0.bitPattern) } }

    private func entry(_ name: String, calls: Int32, _ values: [Float]) -> [UInt8] {
        var bytes = number(Int32(name.utf8.count)) + Array(name.utf8)
        bytes += number(calls) + number(Int32(values.count))
        return bytes + floats(values)
    }

    private func matrix(_ bytes: [UInt8]) throws(CheckpointError) -> ImportanceMatrix {
        try ImportanceMatrix(ByteSource(bytes: bytes, path: "imatrix"))
    }

    private func tensor(_ name: String, _ shape: [Int]) throws -> TensorInfo {
        try TensorInfo(name: name, shape: shape)
    }

    @Test(
        "the old shape gives values divided by calls, with and without what newer files add",
        arguments: [[], [7, 0, 0, 0], [7, 0, 0, 0, 2, 0, 0, 0, 65, 66]] as [[UInt8]]
    )
    func binary(_ origin: [UInt8]) throws {
        let matrix = try matrix(
            number(2) + entry("a", calls: 4, [4, 8, 0, 2]) + entry("b", calls: 0, [1]) + origin
        )
        #expect(matrix.tensorNames == ["a", "b"])
        #expect(try matrix.meanSquares(of: tensor("a", [3, 4])) == [1, 2, 0, 0.5])
        // No call, no knowledge.
        #expect(try matrix.meanSquares(of: tensor("b", [3, 1])) == nil)
        #expect(try matrix.meanSquares(of: tensor("c", [3, 4])) == nil)
        // Two experts with inputs of two elements each.
        #expect(try matrix.meanSquares(of: tensor("a", [2, 5, 2])) == [1, 2, 0, 0.5])
    }

    @Test(
        "GGUF gives sums divided by counts, experts each by their own; one without inputs gets the others' mean"
    )
    func gguf() throws {
        var file = GGUFBytes()
        file.add(tensor: "a.in_sum2", [2, 3])
        file.add(tensor: "a.counts", [1, 3], at: 32)
        file.add(tensor: "b.in_sum2", [2, 1], at: 64)
        file.add(tensor: "b.counts", [1, 1], at: 96)
        func padded(_ values: [Float]) -> [UInt8] {
            let bytes = floats(values)
            return bytes + [UInt8](repeating: 0, count: 32 - bytes.count)
        }
        let data: [[Float]] = [[2, 4, 9, 9, 6, 0], [2, 0, 3], [1, 3], [2]]
        let bytes = file.header + data.flatMap(padded)
        let matrix = try matrix(bytes)
        #expect(matrix.tensorNames == ["a", "b"])
        #expect(try matrix.meanSquares(of: tensor("a", [3, 7, 2])) == [1, 2, 1.5, 1, 2, 0])
        #expect(try matrix.meanSquares(of: tensor("b", [7, 2])) == [0.5, 1.5])
        #expect(try matrix.unseenExpertCount(of: tensor("a", [3, 7, 2])) == 1)
        #expect(try matrix.unseenExpertCount(of: tensor("b", [7, 2])) == 0)
        #expect(try matrix.unseenExpertCount(of: tensor("c", [7, 2])) == 0)
        for (name, shape, count) in [("a", [6, 2], 6), ("b", [7, 3], 2)] {
            let other = try tensor(name, shape)
            #expect(
                throws: CheckpointError.importanceDisagrees(path: "imatrix", tensor: other, values: count)
            ) { try matrix.meanSquares(of: other) }
        }
    }

    @Test("values that are no mean squares are errors", arguments: [-1, .nan, .infinity] as [Float])
    func impossible(_ value: Float) throws {
        let matrix = try matrix(number(1) + entry("a", calls: 1, [1, value]))
        #expect(throws: CheckpointError.impossibleImportance(path: "imatrix", tensor: "a", value: "\(value)"))
        {
            try matrix.meanSquares(of: tensor("a", [1, 2]))
        }
    }

    private static let noMatrix =
        #""imatrix" is no importance matrix; give a .gguf or .dat file of llama-imatrix"#

    @Test("whatever is cut off, too long or negative is an error, never a trap")
    func malformed() throws {
        var whole = number(2)
        whole += entry("ab", calls: 4, [4, 8])
        whole += entry("c", calls: 1, [1])
        let withoutOrigin = whole.count
        whole += number(7)
        let withoutDataSet = whole.count
        whole += number(1) + [65]
        _ = try matrix(whole)
        for length in 0..<whole.count where length != withoutOrigin && length != withoutDataSet {
            let found = sentence { try matrix(Array(whole[..<length])) } ?? "read"
            // A count that is cut off may say 0 or nothing that a matrix has.
            let isNone = found == Self.noMatrix
            #expect(
                isNone && length < 10 || found.contains(" too early to hold "),
                "cut off after \(length) bytes: \(found)"
            )
        }
        #expect(
            throws: CheckpointError.malformedFile(
                path: "imatrix",
                offset: whole.count,
                .trailingBytes(count: 1)
            )
        ) { try matrix(whole + [0]) }
        #expect(
            sentence { try matrix(Array(whole[..<withoutDataSet]) + number(-3)) } == """
                "imatrix" is malformed at byte 47: the data set's name has 4294967293 bytes, and may have 1024; shorten it where \
                the file is made
                """
        )
    }

    @Test("numbers that no matrix has are errors, never a trap")
    func impossibleNumbers() throws {
        let one = number(1)
        var notUTF8 = one + number(2)
        notUTF8 += [0xFF, 0xFE] + number(1) + number(1) + floats([1])
        let named = one + number(1) + [65] + number(1)
        let twice = number(2) + entry("a", calls: 1, [1]) + entry("a", calls: 1, [1])
        let files: [[UInt8]] = [
            number(-1), number(0), number(.max), one + number(-1), one + number(0), one + number(1 << 20),
            notUTF8,
            one + entry("a", calls: -1, [1]), one + entry("a", calls: 1, []), named + number(-5),
            named + number(.max), twice, GGUFBytes.twoTensors.bytes, Array("GGUF".utf8),
            Array("{\"a\": 1}        ".utf8),
        ]
        let noValues = "has no values or a negative number of calls; make the matrix again"
        let malformed = #""imatrix" is malformed at byte "#
        let sentences =
            [String](repeating: Self.noMatrix, count: 7) + [
                malformed + #"13: the entry of tensor "a" \#(noValues)"#,
                malformed + #"13: the entry of tensor "a" \#(noValues)"#,
                malformed + #"13: the entry of tensor "A" \#(noValues)"#,
                malformed
                    + "17: the file ends 8589934588 bytes too early to hold the values of A; it is cut off, so fetch it again",
                malformed + #"30: two tensors are named "a"; name each tensor once where the file is made"#,
                Self.noMatrix,
                malformed
                    + "4: the file ends 4 bytes too early to hold the version; it is cut off, so fetch it again",
                Self.noMatrix,
            ]
        #expect(files.map { bytes in sentence { try matrix(bytes) } } == sentences)
    }

    @Test("matrices with other values, or other counts, have other digests")
    func digests() throws {
        let digests = try [
            entry("a", calls: 4, [4, 8]), entry("a", calls: 4, [4, 9]), entry("a", calls: 5, [4, 8]),
            entry("b", calls: 4, [4, 8]),
        ].map { try matrix(number(1) + $0).digest() }
        #expect(Set(digests).count == 4)
        #expect(try matrix(number(1) + entry("a", calls: 4, [4, 8])).digest() == digests[0])
    }

    @Test("sums that run over when they are divided are errors")
    func overflow() throws {
        var file = GGUFBytes()
        file.add(tensor: "a.in_sum2", [1, 1])
        file.add(tensor: "a.counts", [1, 1], at: 32)
        let padding = [UInt8](repeating: 0, count: 28)
        let matrix = try matrix(file.header + floats([1e38]) + padding + floats([1e-30]) + padding)
        #expect(throws: CheckpointError.impossibleImportance(path: "imatrix", tensor: "a", value: "inf")) {
            try matrix.meanSquares(of: tensor("a", [1, 1]))
        }
    }

    @Test("a GGUF matrix without counts is none")
    func withoutCounts() throws {
        var file = GGUFBytes()
        file.add(tensor: "a.in_sum2", [2, 1])
        file.dataByteCount = 32
        #expect(throws: CheckpointError.notAnImportanceMatrix(path: "imatrix")) { try matrix(file.bytes) }
    }

    @Test("a folder and a missing file are errors")
    func paths() throws {
        #expect(throws: CheckpointError.file(FileError(path: "/no/such/imatrix", .missing))) {
            try ImportanceMatrix(path: "/no/such/imatrix")
        }
        let folder = try ScratchFolder()
        #expect(throws: CheckpointError.file(FileError(path: folder.url.path, .folder))) {
            try ImportanceMatrix(path: folder.url.path)
        }
    }

    @Test("every file of the fuzzing corpus is read or refused, as its name says")
    func corpus() throws {
        let files = try FuzzCorpus("importance").files
        #expect(files.count >= 10)
        for file in files {
            do throws(CheckpointError) {
                _ = try ImportanceMatrix(ByteSource(bytes: file.bytes, path: file.name))
                #expect(file.isGood, "\(file.name) is read")
            } catch {
                #expect(!file.isGood, "\(file.name): \(error)")
                #expect(error.description.contains(file.name))
            }
        }
    }
}
