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

    /// <summary>What the generator and the analyzers report, by place.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Find(params string[] sources)
    {
        GeneratorRunner
            .Driver()
            .RunGeneratorsAndUpdateCompilation(GeneratorRunner.Compile(sources), out var compilation, out var reported);
        return [.. reported.Concat(await Find(compilation)).OrderBy(found => found.Location.SourceSpan.Start)];
    }

    /// <summary>What the analyzers report about a compilation; one that fails is a finding too.</summary>
    public static Task<ImmutableArray<Diagnostic>> Find(Compilation compilation) =>
        compilation.WithAnalyzers(All).GetAnalyzerDiagnosticsAsync(CancellationToken.None);

    /// <summary>The one finding of an id in a source, which must say something.</summary>
    public static async Task<Diagnostic> One(string id, string source, string says)
    {
        var all = await Find(source);

        Assert.True(all.Count(found => found.Id == id) == 1, $"{id} is not reported once, but:\n{Describe(all)}");
        var only = all.Single(found => found.Id == id);
        Assert.Contains(says, only.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Source0.cs", only.Location.GetLineSpan().Path);
        return only;
    }

    /// <summary>Checks that a source compiles without diagnostics.</summary>
    public static async Task None(string source)
    {
        var all = await Find(source);

        Assert.True(all.Count == 0, Describe(all));
        Assert.Empty(GeneratorRunner.Problems(source));
    }

    public static string Describe(IEnumerable<Diagnostic> all) =>
        string.Join('\n', all.Select(found => found.ToString()));
}
