// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that building and testing the planner never builds the benchmarks.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "plan", path: "..")],
    targets: [
        .executableTarget(
            name: "AllocationBenchmark",
            dependencies: [.product(name: "BitAllocation", package: "plan")]
        ),
        .executableTarget(
            name: "DevicesBenchmark",
            dependencies: [.product(name: "BitAllocation", package: "plan")]
        ),
        .executableTarget(
            name: "EncodingBenchmark",
            dependencies: [
                .product(name: "Quantization", package: "plan"),
                .product(name: "Tensors", package: "plan"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
