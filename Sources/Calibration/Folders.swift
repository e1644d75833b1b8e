import Text
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The last part of a path.
func lastPart(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
}

/// The folder of a file.
func folderPart(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Whether there is a folder at a path.
func isFolder(_ path: String) -> Bool {
    var status = stat()
    return path.withSystemPath({ stat($0, &status) }) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names in a folder, in order.
func names(inFolder path: String) -> [String] {
    guard let folder = path.withSystemPath({ opendir($0) }) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                String(cString: $0)
            }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}
