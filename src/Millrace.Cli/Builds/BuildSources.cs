using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;

namespace Millrace.Cli.Builds;

/// <summary>
/// The source files of a build with their checksums, read from its symbols. A changed source is detected by its content
/// and not by its time stamp.
/// </summary>
/// <param name="Documents">The checksums by full path.</param>
/// <param name="BuiltAt">The time when the build was written.</param>
internal sealed record BuildSources(IReadOnlyDictionary<string, byte[]> Documents, DateTime BuiltAt)
{
    private const string Event = "[Event(";

    private static readonly Guid Sha256 = new("8829d00f-11b8-4213-878b-770e8597ac16");

    private static StringComparison OfPaths =>
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Reads the sources of an assembly. Returns none when its symbols are missing.</summary>
    public static BuildSources Of(string assembly)
    {
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            using var stream = File.OpenRead(assembly);
            using var portable = new PEReader(stream);
            if (portable.TryOpenAssociatedPortablePdb(assembly, OpenSymbols, out var provider, out _)
                && provider is not null)
            {
                using (provider)
                    Read(provider.GetMetadataReader(), found);
            }
        }
        catch (Exception exception) when (exception is BadImageFormatException or IOException)
        {
            found.Clear(); // The sources are unknown without complete symbols.
        }
        return new BuildSources(found, File.GetLastWriteTimeUtc(assembly));
    }

    /// <summary>
    /// Finds the first source file below a folder that differs from the build: changed, deleted, or new and with events
    /// in it. Returns null when there is none, or when the build was not made from this folder.
    /// </summary>
    /// <returns>The path relative to the folder.</returns>
    public string? FirstChange(string folder)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        var own = Documents.Where(one => one.Key.StartsWith(root, OfPaths) && IsSource(one.Key[root.Length..]))
            .ToDictionary(one => one.Key[root.Length..], one => one.Value);
        if (own.Count == 0)
            return null;
        return own.Where(one => !IsSame(root + one.Key, one.Value))
                .Select(one => one.Key)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault()
            ?? Directory
                .EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(file => file[root.Length..])
                .FirstOrDefault(file => IsSource(file) && !own.ContainsKey(file) && MayAddEvents(root + file));
    }

    private static FileStream? OpenSymbols(string file) => File.Exists(file) ? File.OpenRead(file) : null;

    private static void Read(MetadataReader symbols, Dictionary<string, byte[]> found)
    {
        foreach (var handle in symbols.Documents)
        {
            var document = symbols.GetDocument(handle);
            if (!document.Hash.IsNil && symbols.GetGuid(document.HashAlgorithm) == Sha256)
                found[symbols.GetString(document.Name)] = symbols.GetBlobBytes(document.Hash);
        }
    }

    /// <summary>
    /// Returns true when the file is not generated. The paths of generated files lie in the compiler's output folder.
    /// </summary>
    private static bool IsSource(string file) =>
        file.EndsWith(".cs", StringComparison.OrdinalIgnoreCase)
        && !file.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar)
            .SkipLast(1)
            .Any(NearbyFileFinder.IsOutput);

    private static bool IsSame(string file, byte[] checksum) =>
        File.Exists(file) && checksum.AsSpan().SequenceEqual(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>
    /// Returns true when a file that is not in the build probably belongs to it: it is newer and contains events.
    /// </summary>
    private bool MayAddEvents(string file) =>
        File.GetLastWriteTimeUtc(file) > BuiltAt && File.ReadAllText(file).Contains(Event, StringComparison.Ordinal);
}
