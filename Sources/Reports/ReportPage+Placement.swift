import BitAllocation
public import Planning
import Recipes
import Text

extension ReportPage {
    /// Where everything of a plan on several devices is, and how it is run.
    public struct Placement: Sendable {
        private let plan: DevicePlan
        private let command: String

        /// Creates what a page says of devices.
        ///
        /// - Parameters:
        ///   - plan: The plan.
        ///   - command: The command that runs the finished file, as it is typed.
        public init(_ plan: DevicePlan, command: String) {
            self.plan = plan
            self.command = command
        }

        private var summary: DeviceSummary { DeviceSummary(plan) }

        /// What the page is of, in a phrase.
        var subtitle: String {
            let known =
                plan.plan.status == .optimal
                ? "proven to be the best" : "at most \(Figures.gap(plan.plan.gap)) above the least impact"
            let speed = plan.minimumSpeed.map { " with \(Figures.plain($0)) tokens/s or more" } ?? ""
            return "A format and a device for every layer, on \(summary.brief)\(speed): \(known)"
        }

        /// What the page's script reads: the device of each layer, a text per device, the speed, the command, and the recipe to save.
        func data(_ recipe: Recipe) throws -> JSONValue {
            let layers = plan.layerPlaces.indices
            return [
                "places": .array(layers.map { summary.device(ofLayer: $0).map(JSONValue.string) ?? .null }),
                "texts": .array(
                    summary.texts.map { ["name": .string($0.name), "text": .string($0.text)] }
                ),
                "speed": summary.speedText.map(JSONValue.string) ?? .null,
                "command": .string(command),
                "recipe": .string(try recipe.jsonText()),
            ]
        }
    }
}
