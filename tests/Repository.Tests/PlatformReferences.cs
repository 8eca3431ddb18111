using Microsoft.CodeAnalysis;

namespace Repository.Tests;

/// <summary>
/// Gets the assemblies of this test for compilations, with .NET, ASP.NET Core and the Millrace packages.
/// </summary>
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
