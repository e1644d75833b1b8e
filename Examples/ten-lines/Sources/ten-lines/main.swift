import Checkpoints
import Converters
import Planning
import Recipes
import Sensitivity

// FLUX.1-dev in at most 9 GB for a converter, planned with the libraries alone; the recipe goes to recipe.json.
let model = try Model.builtIn(named: "flux1-dev")
let input = PlanningInput(model: model, table: try ImpactTable.fluxDevTable3)
let converter = try Converters.named("mixed-gguf-converter").adapted(to: model, importance: .none)
let task = try RestrictedTask(input, PlanningRules(converter: converter))
let planned = try task.plan(for: .budget(Budget(parsing: "9GB")))
let recipe = try planned.recipe(by: Recipe.Generator(version: "0.1.0", arguments: []))
try recipe.write(to: "recipe.json")
print("\(recipe.size.bytes) bytes, impact \(recipe.impact.total), \(recipe.proof.status.rawValue)")
