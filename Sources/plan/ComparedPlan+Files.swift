import Text
import BitAllocation
import Checkpoints
import Planning
import Recipes
import Reports
import Sensitivity
import Tensors

extension ComparedPlan {
    /// A recipe from a file, measured on a task; a note says where it was planned for something else.
    static func recipe(path: String, in prepared: RestrictedTask) throws -> ComparedPlan {
        let recipe = try RecipeReader.read(path: path)
        let choices = try recipe.choices(in: prepared.task, from: path)
        let plan = ComparedPlan(
            kind: .recipe,
            name: InputFile.name(of: path),
            choices: choices,
            in: prepared.task.problem
        )
        var differences: [String] = []
        if recipe.model.digest != prepared.input.model.digest {
            differences.append("is for another model, \(recipe.model.name.quoted)")
        }
        if recipe.impacts.digest != prepared.input.table.digest {
            differences.append("was planned on another table, \(recipe.impacts.name.quoted)")
        }
        if recipe.impact.combine != .init(prepared.task.problem.combination) {
            differences.append("combines impacts by \(recipe.impact.combine.rawValue)")
        }
        if differences.isEmpty, recipe.size.bytes != plan.bytes {
            differences.append("has \(ByteSize(recipe.size.bytes).grouped) bytes by its own account")
        }
        if !differences.isEmpty {
            Console.note(
                "the recipe \(InputFile.name(of: path)) \(differences.joined(separator: " and ")); its choices are measured here by "
                    + "\(prepared.task.problem.combination.rawValue) on \(prepared.input.table.name.visible), "
                    + "in \(ByteSize(plan.bytes).grouped) bytes"
            )
        }
        return plan
    }

    /// Whether an input is a model rather than a recipe.
    ///
    /// - Throws: ``Failure`` where there is none.
    static func holdsModel(_ path: String) throws -> Bool {
        guard path == "-" || InputFile.exists(path) else {
            throw Failure(
                code: Failure.noInput,
                message:
                    "there is no file \(InputFile.quoted(path)), neither a recipe nor a model; check its path"
            )
        }
        return Model.holdsTensors(path: path)
    }

    /// A recipe or a finished file, measured on a task; a note says what the figures do not cover.
    ///
    /// - Throws: ``Failure`` where the table does not say what it costs.
    static func named(_ path: String, in prepared: RestrictedTask) throws -> ComparedPlan {
        guard try holdsModel(path) else { return try recipe(path: path, in: prepared) }
        let finished = try FinishedModel(path: path, in: prepared)
        guard let plan = finished.plan(in: prepared) else {
            let reasons = finished.formats.gapTexts(
                in: prepared.task.problem,
                columns: prepared.input.table.formats
            ).joined(separator: "; ")
            throw Failure(
                code: Failure.badData,
                message: """
                    \(InputFile.quoted(path)) cannot be measured on \(prepared.input.table.name.quoted): \(reasons); plan score shows \
                    its size and formats
                    """
            )
        }
        for remark in finished.remarks(in: prepared) {
            Console.note("\(InputFile.name(of: path)): \(remark)")
        }
        return plan
    }
}

extension Recipe {
    /// The options that the recipe of a file takes in a task.
    ///
    /// - Throws: ``Failure`` for bad data where its layers are not the task's, or take formats that the task lacks.
    func choices(in task: PlanningTask, from path: String) throws -> [Int] {
        do {
            return try choices(in: task)
        } catch .recipeOfOtherLayers {
            throw Failure(
                code: Failure.badData,
                message: """
                    the recipe \(InputFile.name(of: path)) does not have the layers of this model and table; plan it with the same --model, --impacts, \
                    --grouping and --keep
                    """
            )
        } catch .noOption(let layer, let format) {
            throw Failure(
                code: Failure.badData,
                message:
                    "the recipe \(InputFile.name(of: path)) casts \(layer) to \(format), which is no option of that layer here"
            )
        }
    }
}
