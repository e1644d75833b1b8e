import Foundation

/// The readers that fuzzing tries, by the names under which `Fuzz/Corpus` holds what each begins with.
enum Reader: String, CaseIterable {
    case gguf
    case safetensors
    case index
    case inventory
    case impacts
    case grouping
    case recipe
    case capture
    case importance
    case errors

    /// The reader that the environment names, which is the same for every input of a run.
    static let chosen: Reader = {
        let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
        guard let reader = Reader(rawValue: name) else {
            fatalError("FUZZ_READER names no reader: \(name)")
        }
        return reader
    }()

    /// Reads some bytes, which must give a value or an error that can be put into words.
    func test(_ bytes: [UInt8]) {
        switch self {
        case .gguf: testGGUF(bytes)
        case .safetensors: testSafetensors(bytes)
        case .index: testIndex(bytes)
        case .inventory: testInventory(bytes)
        case .impacts: testImpacts(bytes)
        case .grouping: testGrouping(bytes)
        case .recipe: testRecipe(bytes)
        case .capture: testCapture(bytes)
        case .importance: testImportance(bytes)
        case .errors: testErrors(bytes)
        }
    }
}

/// What libFuzzer calls with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Reader.chosen.test(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// Does something that may fail, but only with an error that has words.
func attempt(_ read: () throws -> Void) {
    do {
        try read()
    } catch {
        precondition(!String(describing: error).isEmpty)
    }
}
