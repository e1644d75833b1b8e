import ArgumentParser
import Text

/// The program: chooses a subcommand, runs it, and turns what it throws into a sentence and an exit code.
@main
struct PlanCommand: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Plans which layer of a model takes which quantization format, and proves the plan.",
        discussion: """
            Without a subcommand, plan solves: it reads a model and an impact table, chooses a format per layer so \
            that the whole file keeps to the budget and the output suffers least, and writes a recipe.

            EXAMPLES
              plan --card 12GiB                    a card as the budget
              plan --budget 9GB                    FLUX.1-dev and its table, both built in
              plan --budget 8.5GiB --combine rss   errors taken as independent
              plan --budget 6.5bpw -o -            the recipe on standard output
              plan --budget 9GB --model m.json --impacts i.csv
              plan solve --help                    every option of the solve
              plan compare --budgets 8GB,9GB,12GB  several budgets side by side
              plan quantize m.gguf --budget 9GB -o q.gguf  model in, file out
              plan frontier                        every best plan, as a table, CSV or SVG
              plan explain LAYER --budget 9GB      why a layer takes its format
              plan diff A B                        what changes between two recipes
              plan report -o report.html           a page to look at and to send
              plan check RECIPE FILE               a finished file against the recipe
              plan score FILE...                   finished files on a table
              plan inspect MODEL                   tensors, parameters, sizes
              plan impacts                         what is odd about the impact table
              plan estimate model.gguf             weights alone become an impact table
              plan calibrate m.gguf --text t.txt   what each layer costs the model
              plan measure CAPTURE... -o t.json    captured losses become impact tables
              plan additivity LOSSES.csv           which of sum, rss, max explains losses
              plan export RECIPE --converter NAME  the recipe in a converter's own language
              plan schema                          the JSON Schema of a recipe
              plan converters                      the converters and their formats
              plan formats                         the formats, with their bits per weight

            EXIT CODES
              0  an answer               64  wrong usage
              1  failed                  65  bad input data
              2  no plan fits            66  no such input
              3  a limit was reached     73  the output cannot be written
                 with no plan           130  interrupted with nothing whole

            Ctrl-C ends every command within a second. If there is an answer by then, such as the best plan so far, it is given \
            with the word "interrupted" and exit code 0.
            """,
        version: version,
        subcommands: [
            SolveCommand.self, QuantizeCommand.self, CompareCommand.self, FrontierCommand.self,
            ExplainCommand.self,
            DiffCommand.self, ReportCommand.self, ExportCommand.self, CheckCommand.self,
            ScoreCommand.self,
            InspectCommand.self, ImpactsCommand.self, EstimateCommand.self, CalibrateCommand.self,
            MeasureCommand.self, AdditivityCommand.self, FormatsCommand.self, ConvertersCommand.self,
            SchemaCommand.self,
        ],
        defaultSubcommand: SolveCommand.self
    )

    static func main() {
        Interruption.listen()
        let arguments = CommandLine.systemArguments
        if let mistake = TypingMistake.inCommand(arguments) {
            Console.error(mistake)
            exit(withError: ExitCode(Failure.usage))
        }
        do {
            var command = try parseAsRoot(arguments)
            do {
                // What a command throws that it has not translated itself ends as it does elsewhere.
                try translatingErrors { try command.run() }
                Interruption.sayIfUnsaid()
            } catch let failure as Failure {
                Console.error(failure.message)
                exit(withError: ExitCode(failure.code))
            }
        } catch {
            // A request for help is no failure and goes to standard output.
            guard !exitCode(for: error).isSuccess else { showHelp(fullMessage(for: error)) }
            let message = fullMessage(for: error)
            if let mistake = TypingMistake.inWords(arguments, message) {
                Console.error(mistake)
                exit(withError: ExitCode(Failure.usage))
            }
            if !message.isEmpty { Console.note(message) }
            exit(withError: exitCode(for: error))
        }
    }

    /// Writes what was asked for about the program, and ends it.
    private static func showHelp(_ text: String) -> Never {
        do {
            if !text.isEmpty { try Console.print(text + "\n") }
        } catch let error as FileError {
            Console.error(error.description)
            exit(withError: ExitCode(error.category.exitCode))
        } catch {
            exit(withError: error)
        }
        exit(withError: ExitCode.success)
    }
}
