import Foundation
import TestSupport

/// Programs that stand for a runtime: they read a scratch copy and print a loss whose closed form is known.
///
/// The loss of tensor number n, counted from 0, is `(n + 1)·Σ(w − w₀)²/Σw₀²`, and losses of tensors add; so that of a layer in a
/// format is `(n + 1)·rel²`, with the relative error that `plan estimate` finds.
enum FakeRuntime {
    /// The Python that runs them.
    static let python = ProcessInfo.processInfo.environment["PLAN_PYTHON"] ?? "python3"

    private static let reading = #"""
        import json, struct, sys

        def tensors(path):
            with open(path, "rb") as file:
                data = file.read()
            if data[:4] != b"GGUF":
                size = struct.unpack("<Q", data[:8])[0]
                header = json.loads(data[8:8 + size])
                for name, entry in header.items():
                    start, end = entry["data_offsets"]
                    yield name, struct.unpack(f"<{(end - start) // 4}f", data[8 + size + start:8 + size + end])
                return
            place = 8
            def number(form):
                nonlocal place
                value = struct.unpack_from("<" + form, data, place)[0]
                place += struct.calcsize(form)
                return value
            def text():
                nonlocal place
                size = number("Q")
                place += size
                return data[place - size:place].decode()
            count, pairs = number("Q"), number("Q")
            for _ in range(pairs):
                text(), number("I"), text()
            infos = []
            for _ in range(count):
                name, dimensions, elements = text(), number("I"), 1
                for _ in range(dimensions):
                    elements *= number("Q")
                number("I")
                infos.append((name, elements, number("Q")))
            start = (place + 31) // 32 * 32
            for name, elements, offset in infos:
                yield name, struct.unpack_from(f"<{elements}f", data, start + offset)

        def loss(original, path):
            total = 0.0
            for index, ((name, old), (_, new)) in enumerate(zip(tensors(original), tensors(path))):
                error = sum((a - b) ** 2 for a, b in zip(new, old))
                total += (index + 1) * error / sum(a * a for a in old)
            return total

        """#

    /// Writes a program that is run as `score.py ORIGINAL COPY`, prints `loss X ± Y`, and counts its runs in a file.
    static func writeScore(in folder: URL) throws {
        let text =
            reading + #"""
                with open("runs.txt", "a") as file:
                    file.write("x")
                value = loss(sys.argv[1], sys.argv[2])
                print(f"loss {value!r} ± {value / 8!r}")

                """#
        try Data(text.utf8).write(to: folder.appendingPathComponent("score.py"))
    }

    /// Writes a program with the arguments and the output of llama-perplexity, for a model in `original`.
    ///
    /// The base it writes holds the number of chunks; its loss is the closed form, to nine decimals.
    static func writePerplexity(in folder: URL, original: String) throws -> String {
        let text =
            "#!/usr/bin/env \(python)\n" + reading
                + #"""
                arguments = sys.argv[1:]
                def value(option):
                    return arguments[arguments.index(option) + 1]
                with open("calls.txt", "a") as file:
                    file.write(" ".join(arguments) + "\n")
                base = value("--kl-divergence-base")
                if "--kl-divergence" not in arguments:
                    with open(value("-f")) as text, open(base, "w") as file:
                        assert text.read()
                        file.write(value("--chunks"))
                    print("Final estimate: PPL = 12.3456 +/- 0.6789")
                else:
                    with open(base) as file:
                        assert int(file.read()) > 0
                    # Llama.cpp's log may be lost at the end: here as often in a row as a file says.
                    try:
                        lost = int(open("lost.txt").read())
                    except FileNotFoundError:
                        lost = 0
                    if lost > 0:
                        with open("lost.txt", "w") as file:
                            file.write(str(lost - 1))
                        sys.exit(0)
                    print("====== KL divergence statistics ======")
                    print(f"Mean    KLD: {loss('ORIGINAL', value('-m')):12.9f} ± {0.001:10.6f}")
                    print("Maximum KLD:  99.000000")

                """#.replacing("ORIGINAL", with: original)
        let url = folder.appendingPathComponent("fake-perplexity")
        try Data(text.utf8).write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
        return url.path
    }
}
