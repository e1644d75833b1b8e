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
                .product(name: "Checkpoints", package: "plan"),
                .product(name: "Converters", package: "plan"),
                .product(name: "Planning", package: "plan"),
                .product(name: "Recipes", package: "plan"),
                .product(name: "Sensitivity", package: "plan"),
            ]
        )
    ]
)
