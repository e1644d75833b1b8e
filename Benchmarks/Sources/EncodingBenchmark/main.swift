import Foundation
import Quantization
import Tensors

// Times the squared error of every format over a tensor and prints one CSV line per format.
//
//     swift run -c release EncodingBenchmark [--runs N] [--importance] COLUMNS FILE
//
// FILE holds rows of COLUMNS little-endian BF16 weights. A run decodes each row, casts it and sums the errors, on one core, as an
// estimate over a model does; the line has the median of the runs.

func fail(_ message: String, code: Int32) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(code)
}

var runs = 5
var hasImportance = false
var positional: [String] = []
var arguments = CommandLine.arguments.dropFirst().makeIterator()
while let argument = arguments.next() {
    switch argument {
    case "--runs": runs = arguments.next().flatMap(Int.init) ?? runs
    case "--importance": hasImportance = true
    default: positional.append(argument)
    }
}
guard positional.count == 2, let columns = Int(positional[0]), columns > 0 else {
    fail("usage: EncodingBenchmark [--runs N] [--importance] COLUMNS FILE", code: 64)
}

/// The seconds that this thread has had a processor for, which others' work does not add to.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The sum of the squared errors over all rows.
func squaredError(
    _ codec: RowCodec,
    _ source: [UInt8],
    columns: Int,
    importance: [Float]?
) throws -> Double {
    var row = [Float](repeating: 0, count: columns)
    var sum = 0.0
    let bytes = source.span.bytes
    for offset in stride(from: 0, to: source.count, by: columns * 2) {
        var target = row.mutableSpan
        SourceElements.decode(bytes.extracting(offset..<(offset + columns * 2)), as: .bf16, into: &target)
        if let importance {
            sum += try codec.squaredError(of: row.span, weights: importance.span)
        } else {
            sum += try codec.squaredError(of: row.span, weights: nil)
        }
    }
    return sum
}

let source = [UInt8](try Data(contentsOf: URL(fileURLWithPath: positional[1])))
guard source.count.isMultiple(of: columns * 2) else {
    fail("\(positional[1]) is not whole rows of \(columns) BF16 weights", code: 65)
}
// Between 1/2 and 3/2, the same on every machine.
let importance = hasImportance ? (0..<columns).map { 0.5 + Float($0 * 7919 % 1024) / 1024 } : nil
print("format,seconds,error")
for format in RowCodec.formats {
    guard let codec = RowCodec(format) else { continue }
    var seconds: [Double] = []
    var error = 0.0
    for _ in 0..<max(runs, 1) {
        let start = processorSeconds()
        error = try squaredError(codec, source, columns: columns, importance: importance)
        seconds.append(processorSeconds() - start)
    }
    print("\(format.name),\(seconds.sorted()[seconds.count / 2]),\(error)")
}
