// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "ten-lines",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "plan", path: "../..")],
    targets: [
        .executableTarget(
            name: "ten-lines",
            dependencies: [
                .product(name: "BitAllocation", package: "plan"),
                .product(name: "Checkpoints", package: "plan"),
                .product(name: "Planning", package: "plan"),
                .product(name: "Sensitivity", package: "plan"),
                .product(name: "Tensors", package: "plan"),
            ]
        )
    ]
)
