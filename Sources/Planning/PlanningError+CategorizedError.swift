public import BitAllocation
public import Text

extension PlanningError: CategorizedError {
    /// Whether there is no plan, what was asked for is wrong, or what is in an input is.
    public var category: ErrorCategory {
        switch self {
        case .allocation(let error): error.category
        case .contradiction, .noneFits, .cardFull, .deviceFull, .devicesTooSmall, .outputFitsNoCard,
            .tooSlow:
            .noPlan
        case .unreadableBudget, .formatNotInTable, .patternMatchesNothing, .matchesKept, .patternOverruled,
            .aboveSource, .tiesNothing, .formatNowhere, .formatFitsNowhere, .formatLacking, .formatRefused,
            .notLoaded,
            .notDecoded, .bandwidthMissing, .noFormatLimitOnDevices, .noSecondBudget:
            .usage
        case .layersWithoutTensors, .layersNamedOtherwise, .layersWithoutImpacts, .rowsTooShort,
            .unknownFormat, .noSpread, .commonSpread, .unusableLosses, .quantizedAlready, .quantizesNothing,
            .keptOtherwise, .noFormatAccepted, .noFormatDecoded, .otherImportanceMatrix, .recipeOfOtherLayers,
            .noOption,
            .otherTable, .tableOfOtherArchitecture, .otherCosts, .measuredSizes, .fileOfOtherModel,
            .unknownStorage:
            .badData
        }
    }
}

// Here, as the allocator's module imports nothing but the solver.
extension AllocationError: CategorizedError {
    /// Whether there is no plan, or why none was found.
    public var category: ErrorCategory {
        switch self {
        case .infeasible, .layerWithoutOptions, .overconstrained, .impactOutOfReach: .noPlan
        case .limitReached: .limitReached
        case .solverNotBuiltIn: .usage
        case .invalidProblem: .badData
        }
    }
}
