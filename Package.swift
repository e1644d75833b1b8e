// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "plan",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "plan", targets: ["plan"]),
        .library(name: "IntegerProgramming", targets: ["IntegerProgramming"]),
        .library(name: "Text", targets: ["Text"]),
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "Quantization", targets: ["Quantization"]),
        .library(name: "Checkpoints", targets: ["Checkpoints"]),
        .library(name: "Sensitivity", targets: ["Sensitivity"]),
        .library(name: "Estimation", targets: ["Estimation"]),
        .library(name: "Calibration", targets: ["Calibration"]),
        .library(name: "BitAllocation", targets: ["BitAllocation"]),
        .library(name: "Recipes", targets: ["Recipes"]),
        .library(name: "Converters", targets: ["Converters"]),
        .library(name: "Conversion", targets: ["Conversion"]),
        .library(name: "Runtimes", targets: ["Runtimes"]),
        .library(name: "Planning", targets: ["Planning"]),
        .library(name: "Reports", targets: ["Reports"]),
    ],
    traits: [
        .default(enabledTraits: ["GLPK"]),
        .trait(
            name: "GLPK",
            description:
                "Links libglpk, which is GPLv3-or-later; without it plans come from the project's own allocators."
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        // The solver's boundary
        .systemLibrary(name: "CGLPK", providers: [.apt(["libglpk-dev"]), .brew(["glpk"])]),
        .target(
            name: "IntegerProgramming",
            dependencies: [.target(name: "CGLPK", condition: .when(traits: ["GLPK"]))],
            swiftSettings: [.strictMemorySafety()]
        ),

        // Loops in C, as Swift has no functions for some processors only
        .target(name: "CVectors"),

        // Libraries, each importing only what stands above it
        .target(name: "Text"),
        .target(name: "Tensors", dependencies: ["Text"]),
        .target(
            name: "Quantization",
            dependencies: ["CVectors", "Tensors"],
            swiftSettings: [.strictMemorySafety()]
        ),
        .target(
            name: "Checkpoints",
            dependencies: ["Tensors", "Text"],
            resources: [.embedInCode("Inventories")]
        ),
        .target(
            name: "Sensitivity",
            dependencies: [
                "Checkpoints", "Text", "Tensors",
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Tables")]
        ),
        .target(name: "BitAllocation", dependencies: ["IntegerProgramming"]),
        .target(
            name: "Recipes",
            dependencies: ["Text", "Tensors"],
            resources: [.embedInCode("Schema")]
        ),
        .target(name: "Runtimes", dependencies: ["Checkpoints", "Tensors", "Text"]),
        .target(
            name: "Converters",
            dependencies: ["Checkpoints", "Text", "Quantization", "Recipes", "Runtimes", "Tensors"]
        ),
        .target(
            name: "Estimation",
            dependencies: [
                "Checkpoints", "Converters", "Quantization", "Runtimes", "Sensitivity", "Tensors", "Text",
            ]
        ),
        .target(
            name: "Calibration",
            dependencies: ["Checkpoints", "Estimation", "Quantization", "Sensitivity", "Tensors", "Text"]
        ),
        .target(
            name: "Conversion",
            dependencies: [
                "Checkpoints", "Converters", "Estimation", "Quantization", "Recipes", "Sensitivity",
                "Tensors", "Text",
            ]
        ),
        .target(
            name: "Planning",
            dependencies: [
                "BitAllocation", "Checkpoints", "Conversion", "Converters", "Recipes", "Runtimes",
                "Sensitivity", "Tensors", "Text",
            ]
        ),
        .target(
            name: "Reports",
            dependencies: [
                "BitAllocation", "Checkpoints", "Converters", "Estimation", "Planning", "Recipes", "Runtimes",
                "Sensitivity", "Tensors", "Text",
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: [.embedInCode("Page"), .embedInCode("Schema")]
        ),

        // The program
        .executableTarget(
            name: "plan",
            dependencies: [
                "BitAllocation", "Calibration", "Checkpoints", "Conversion", "Converters", "Estimation",
                "IntegerProgramming", "Planning", "Quantization", "Recipes", "Reports", "Runtimes",
                "Sensitivity", "Tensors", "Text",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        // Tests
        .target(
            name: "TestSupport",
            dependencies: ["BitAllocation", "Checkpoints", "Planning", "Recipes", "Sensitivity", "Tensors"],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "IntegerProgrammingTests", dependencies: ["IntegerProgramming", "TestSupport"]),
        .testTarget(name: "TextTests", dependencies: ["TestSupport", "Text"]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport", "Text"]),
        .testTarget(
            name: "QuantizationTests",
            dependencies: ["Quantization", "Tensors", "TestSupport"],
            exclude: ["Vectors"]
        ),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: ["Checkpoints", "Tensors", "TestSupport", "Text"]
        ),
        .testTarget(
            name: "SensitivityTests",
            dependencies: ["Checkpoints", "Sensitivity", "Tensors", "TestSupport", "Text"]
        ),
        .testTarget(
            name: "EstimationTests",
            dependencies: [
                "Checkpoints", "Converters", "Estimation", "Text", "Quantization", "Runtimes", "Sensitivity",
                "Tensors", "TestSupport",
            ]
        ),
        .testTarget(
            name: "CalibrationTests",
            dependencies: [
                "Calibration", "Checkpoints", "Estimation", "Quantization", "Sensitivity", "Tensors",
                "TestSupport",
            ]
        ),
        .testTarget(
            name: "BitAllocationTests",
            dependencies: ["BitAllocation", "IntegerProgramming", "Planning", "TestSupport"]
        ),
        .testTarget(name: "RecipesTests", dependencies: ["Recipes", "TestSupport", "Text"]),
        .testTarget(
            name: "ConvertersTests",
            dependencies: [
                "BitAllocation", "Checkpoints", "Converters", "Text", "Planning", "Recipes", "Runtimes",
                "Sensitivity", "Tensors", "TestSupport",
            ],
            exclude: ["LlamaMixes"]
        ),
        .testTarget(
            name: "RuntimesTests",
            dependencies: ["Checkpoints", "Runtimes", "Tensors", "TestSupport"]
        ),
        .testTarget(
            name: "ConversionTests",
            dependencies: [
                "Checkpoints", "Conversion", "Converters", "Estimation", "Quantization", "Recipes",
                "Sensitivity", "Tensors", "TestSupport", "Text",
            ]
        ),
        .testTarget(
            name: "PlanningTests",
            dependencies: [
                "BitAllocation", "Checkpoints", "Converters", "Planning", "Recipes", "Runtimes",
                "Sensitivity",
                "Tensors", "TestSupport",
            ]
        ),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "BitAllocation", "Checkpoints", "Estimation", "Text", "Planning", "Recipes", "Reports",
                "Runtimes", "Sensitivity", "Tensors", "TestSupport",
            ],
            exclude: ["Expected"]
        ),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "plan", "Checkpoints", "Converters", "IntegerProgramming", "Recipes", "Sensitivity",
                "Tensors", "TestSupport",
            ],
            exclude: ["Expected"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer brings the entry point, so this builds only with `--sanitize fuzzer`: see Scripts/fuzz.
if Context.environment["PLAN_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Checkpoints", "Converters", "Estimation", "Recipes", "Sensitivity", "Tensors", "Text",
            ],
            path: "Fuzz/Targets"
        )
    )
}

for target in package.targets where target.type != .system {
    var settings = target.swiftSettings ?? []
    settings += [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
    // A newer compiler may warn where today's does not: only the project's own checks turn warnings into errors.
    if Context.environment["PLAN_STRICT"] != nil {
        settings.append(.treatAllWarnings(as: .error))
    }
    target.swiftSettings = settings
}
