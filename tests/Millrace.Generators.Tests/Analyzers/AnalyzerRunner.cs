using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Millrace.Generators.Tests.Analyzers;

/// <summary>Runs the generator and all analyzers on source text, as the compiler does.</summary>
internal static class AnalyzerRunner
{
    public static ImmutableArray<DiagnosticAnalyzer> All { get; } =
    [
        .. typeof(ModelGenerator).Assembly.GetTypes()
            .Where(type => type.IsDefined(typeof(DiagnosticAnalyzerAttribute), inherit: false))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    /// <summary>Returns the diagnostics of the generator and the analyzers, ordered by location.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Find(params string[] sources)
    {
        GeneratorRunner
            .Driver()
            .RunGeneratorsAndUpdateCompilation(GeneratorRunner.Compile(sources), out var compilation, out var reported);
        return [.. reported.Concat(await Find(compilation)).OrderBy(found => found.Location.SourceSpan.Start)];
    }

    /// <summary>
    /// Returns the diagnostics of the analyzers for a compilation. An analyzer that throws is a diagnostic too.
    /// </summary>
    public static Task<ImmutableArray<Diagnostic>> Find(Compilation compilation) =>
        compilation.WithAnalyzers(All).GetAnalyzerDiagnosticsAsync(CancellationToken.None);

    /// <summary>
    /// Asserts that a source has exactly one diagnostic with the id and that its message contains the text. Returns
    /// this diagnostic.
    /// </summary>
    public static async Task<Diagnostic> ExpectOne(string id, string source, string message)
    {
        var all = await Find(source);

        Assert.True(all.Count(found => found.Id == id) == 1, $"{id} is not reported once, but:\n{Describe(all)}");
        var only = all.Single(found => found.Id == id);
        Assert.Contains(message, only.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Source0.cs", only.Location.GetLineSpan().Path);
        return only;
    }

    /// <summary>Asserts that a source compiles without diagnostics.</summary>
    public static async Task ExpectNone(string source)
    {
        var all = await Find(source);

        Assert.True(all.Count == 0, Describe(all));
        Assert.Empty(GeneratorRunner.Problems(source));
    }

    public static string Describe(IEnumerable<Diagnostic> all) =>
        string.Join('\n', all.Select(found => found.ToString()));
}
