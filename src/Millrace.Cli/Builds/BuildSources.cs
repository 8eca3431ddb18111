using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;

namespace Millrace.Cli.Builds;

/// <summary>
/// What a build was made of, as its symbols tell it: each source with its checksum. So it is told by content, and not
/// by the time of a file, whether sources have changed since.
/// </summary>
/// <param name="Documents">The checksums by full path.</param>
/// <param name="BuiltAt">When the build was written.</param>
internal sealed record BuildSources(IReadOnlyDictionary<string, byte[]> Documents, DateTime BuiltAt)
{
    private const string Event = "[Event(";

    private static readonly Guid Sha256 = new("8829d00f-11b8-4213-878b-770e8597ac16");

    private static StringComparison OfPaths =>
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>The sources of an assembly; none when its symbols are not there.</summary>
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
            found.Clear(); // Without symbols nothing can be told.
        }
        return new BuildSources(found, File.GetLastWriteTimeUtc(assembly));
    }

    /// <summary>
    /// The first source below a folder that is not as it was built: changed, gone, or new with events in it. Null when
    /// there is none, or the build was not made of what lies there.
    /// </summary>
    /// <returns>Its path within the folder.</returns>
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

    /// <summary>Whether a person wrote it: what generators add is said to lie in the folder of the compiler's
    /// output.</summary>
    private static bool IsSource(string file) =>
        file.EndsWith(".cs", StringComparison.OrdinalIgnoreCase)
        && !file.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar)
            .SkipLast(1)
            .Any(NearbyFileFinder.IsOutput);

    private static bool IsSame(string file, byte[] checksum) =>
        File.Exists(file) && checksum.AsSpan().SequenceEqual(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>Whether a file that the build does not know may belong to it: newer, and with events.</summary>
    private bool MayAddEvents(string file) =>
        File.GetLastWriteTimeUtc(file) > BuiltAt && File.ReadAllText(file).Contains(Event, StringComparison.Ordinal);
}
