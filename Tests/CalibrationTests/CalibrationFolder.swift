import Calibration
import Checkpoints
import Foundation
import TestSupport

/// A folder with a small model, removed by the caller.
struct CalibrationFolder {
    let url: URL

    init() throws {
        url = try makeScratchFolder()
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func remove() {
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: url.appendingPathComponent(name))
        return path(name)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url.appendingPathComponent(name)))
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: path(name))
    }

    /// Writes a program for the shell and gives its path.
    func script(_ text: String, _ name: String = "run.sh") throws -> String {
        let path = try write(Array("#!/bin/sh\n\(text)\n".utf8), name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    /// Weights of so many elements, from −1 to 1.
    static func weights(_ count: Int, seed: Int) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }
}
