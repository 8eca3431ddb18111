using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;

namespace Millrace.Cli.Builds;

/// <summary>
/// The source files of a build with the checksums from its debug symbols. The tool compares the content of a source
/// file and not its time stamp.
/// </summary>
/// <param name="Documents">The checksums by full path.</param>
/// <param name="BuiltAt">The time when the build was written.</param>
internal sealed record BuildSources(IReadOnlyDictionary<string, byte[]> Documents, DateTime BuiltAt)
{
    private const string EventAttribute = "[Event(";

    private static readonly Guid Sha256 = new("8829d00f-11b8-4213-878b-770e8597ac16");

    private static StringComparison PathComparison =>
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>
    /// Reads the source files of an assembly. The result contains no files when the symbols are missing.
    /// </summary>
    public static BuildSources Of(string assembly)
    {
        var checksums = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            using var stream = File.OpenRead(assembly);
            using var portable = new PEReader(stream);
            if (portable.TryOpenAssociatedPortablePdb(assembly, OpenSymbols, out var provider, out _)
                && provider is not null)
            {
                using (provider)
                    Read(provider.GetMetadataReader(), checksums);
            }
        }
        catch (Exception exception) when (exception is BadImageFormatException or IOException)
        {
            checksums.Clear(); // The sources are unknown without complete symbols.
        }
        return new BuildSources(checksums, File.GetLastWriteTimeUtc(assembly));
    }

    /// <summary>
    /// Finds the first source file in a folder or its subfolders that differs from the build. A file differs if it was
    /// changed or deleted, or if it is new and contains events. Returns null when no file differs, or when the build
    /// does not contain sources from this folder.
    /// </summary>
    /// <returns>The path relative to the folder.</returns>
    public string? FirstChange(string folder)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        var sources = Documents
            .Where(source => source.Key.StartsWith(root, PathComparison) && IsSource(source.Key[root.Length..]))
            .ToDictionary(source => source.Key[root.Length..], source => source.Value);
        if (sources.Count == 0)
            return null;
        return sources.Where(source => !IsSame(root + source.Key, source.Value))
                .Select(source => source.Key)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault()
            ?? Directory
                .EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(file => file[root.Length..])
                .FirstOrDefault(file => IsSource(file) && !sources.ContainsKey(file) && MayAddEvents(root + file));
    }

    private static FileStream? OpenSymbols(string file) => File.Exists(file) ? File.OpenRead(file) : null;

    private static void Read(MetadataReader symbols, Dictionary<string, byte[]> checksums)
    {
        foreach (var handle in symbols.Documents)
        {
            var document = symbols.GetDocument(handle);
            if (!document.Hash.IsNil && symbols.GetGuid(document.HashAlgorithm) == Sha256)
                checksums[symbols.GetString(document.Name)] = symbols.GetBlobBytes(document.Hash);
        }
    }

    /// <summary>
    /// Returns true when a C# file is not generated. Generated files are in the compiler's output folder.
    /// </summary>
    private static bool IsSource(string file) =>
        file.EndsWith(".cs", StringComparison.OrdinalIgnoreCase)
        && !file.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar)
            .SkipLast(1)
            .Any(NearbyFileFinder.IsOutput);

    private static bool IsSame(string file, byte[] checksum) =>
        File.Exists(file) && checksum.AsSpan().SequenceEqual(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>
    /// Returns true when a file is newer than the build and contains events. Such a file probably belongs to the next
    /// build.
    /// </summary>
    private bool MayAddEvents(string file) =>
        File.GetLastWriteTimeUtc(file) > BuiltAt
        && File.ReadAllText(file).Contains(EventAttribute, StringComparison.Ordinal);
}
