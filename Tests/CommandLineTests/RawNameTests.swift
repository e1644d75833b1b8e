import Foundation
import TestSupport
import Testing

/// Files whose names are no UTF-8, in every command that asks whether they are there.
@Suite struct RawNameTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try folder.write(
            #"{"model": "m", "tensors": [{"name": "a", "shape": [64, 64], "type": "F16"}, "#
                + #"{"name": "b", "shape": [64, 64], "type": "F16"}]}"#,
            "m.json"
        )
        try folder.write("# kind: loss\nlayer,Q4_0,Q8_0\na,1,0.5\nb,2,0.25\n", "t.csv")
    }

    /// Runs a script in which `$n` ends with a byte that is no UTF-8, and `twice` runs the program two times.
    private func shell(_ script: String) throws -> ProgramRun {
        let beginning = """
            set -e; n=$(printf 'n\\377')
            twice() { "$plan" "$@" > out.txt; "$plan" "$@" > out.txt; }

            """
        return try ProgramRun.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", beginning + script],
            in: folder.url,
            ["plan": ProgramRun.productsFolder.appendingPathComponent("plan").path]
        )
    }

    @Test(
        "what was written is written over by the same command",
        arguments: [
            #"--budget 60% -o "$n.json""#, #"frontier -o "$n.svg""#, #"report -o "$n.html""#,
            #"impacts t.csv -o "$n.csv""#,
        ]
    )
    func writtenTwice(words: String) throws {
        let model = words.hasPrefix("impacts") ? "" : " --model m.json --impacts t.csv"
        let run = try shell("twice \(words)\(model)")
        #expect(run.exitCode == 0, "\(run.errors)")
    }

    @Test("a recipe is read by every command that reads recipes, from standard input too")
    func recipes() throws {
        let run = try shell(
            """
            in="--model m.json --impacts t.csv"
            "$plan" --budget 60% $in -o "$n.json" > out.txt
            for command in check diff; do
                [ $command = check ] && more=$in || more="$n.json"
                "$plan" $command "$n.json" $more > out.txt
            done
            "$plan" score "$n.json" $in > score.txt
            "$plan" compare --budgets 60% --with "$n.json" $in > out.txt
            "$plan" frontier --with "$n.json" $in > out.txt
            "$plan" score - $in < "$n.json" > input.txt
            cat "$n.json" | "$plan" compare --budgets 60% --with - $in > out.txt
            grep -q 'standard input' input.txt && grep -q 'standard input' out.txt
            """
        )
        #expect(run.exitCode == 0, "\(run.errors)")
    }

    @Test("a model is measured, resumed, planned, quantized with a record, and updated")
    func models() throws {
        try folder.write(WeightedModelFile(seed: 1, rows: 64).bytes, "m.gguf")
        let run = try shell(
            """
            mv m.gguf "$n.gguf"
            "$plan" estimate "$n.gguf" --formats Q4_0,Q8_0 --errors "$n.jsonl" -o "$n.csv" > out.txt
            "$plan" estimate "$n.gguf" --formats Q4_0,Q8_0 --errors "$n.jsonl" --resume -o "$n.csv" > out.txt
            "$plan" quantize "$n.gguf" --impacts "$n.csv" --budget 40% --record -o "o$n.gguf" > out.txt
            [ -f "o$n.gguf.json" ]; [ ! -e "o$n.gguf.partial.journal" ]
            "$plan" quantize "$n.gguf" --impacts "$n.csv" --budget 45% --record --update "o$n.gguf" > out.txt
            grep -q 'taken over' out.txt || { cat out.txt >&2; exit 9; }
            """
        )
        #expect(run.exitCode == 0, "\(run.errors)")
    }

    @Test("the other files of a model's folder are taken over, and one that leads nowhere is refused")
    func folders() throws {
        try HubFolder(seed: 1).write(to: folder.url.appendingPathComponent("hf"))
        let run = try shell(
            """
            echo words > "hf/$n.txt"
            "$plan" quantize hf/ --budget 60% -o "o$n/" > out.txt
            cmp "hf/$n.txt" "o$n/$n.txt"
            "$plan" quantize hf/ --budget 60% --force -o "o$n/" > out.txt
            cmp "hf/$n.txt" "o$n/$n.txt"
            ln -s nowhere hf/gone.txt
            code=0; "$plan" quantize hf/ --budget 60% -o p/ > out.txt 2> errors.txt || code=$?
            [ $code = 65 ] && [ ! -e p ] && grep -q gone.txt errors.txt || { cat errors.txt >&2; exit $code; }
            """
        )
        #expect(run.exitCode == 0, "\(run.errors)")
    }
}
