using Microsoft.CodeAnalysis;

namespace Repository.Tests;

/// <summary>The assemblies that this test runs with, for compilations: the platform, ASP.NET Core, and our packages.
/// Read once.</summary>
internal static class PlatformReferences
{
    private static readonly Lazy<IReadOnlyList<PortableExecutableReference>> Read = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))]);

    public static IReadOnlyList<MetadataReference> All => Read.Value;

    public static IEnumerable<MetadataReference> WithoutMillrace =>
        Read.Value.Where(reference =>
            !Path.GetFileName(reference.FilePath!).StartsWith("Millrace", StringComparison.Ordinal));
}
