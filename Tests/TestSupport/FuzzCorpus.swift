public import Foundation

/// The files that fuzzing a reader begins with, which the tests read too.
public struct FuzzCorpus: Sendable {
    /// One of the files.
    public struct File: Sendable {
        /// Its name, which says what is wrong with it, or begins with `good`.
        public let name: String
        /// Where it is.
        public let url: URL
        /// What is in it.
        public let bytes: [UInt8]

        /// Whether the reader has to take the file.
        public var isGood: Bool { name.hasPrefix("good") }
    }

    /// The files, by their names.
    public let files: [File]

    /// Reads the corpus of a reader, by its folder's name in `Fuzz/Corpus`.
    public init(_ reader: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Fuzz/Corpus/\(reader)")
        let urls = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        files = try urls.map {
            File(name: $0.lastPathComponent, url: $0, bytes: [UInt8](try Data(contentsOf: $0)))
        }.sorted { $0.name < $1.name }
    }
}
