using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Tests.Names;

/// <summary>
/// Tests that a failed generator step is an error at its type and that the other types are still generated.
/// </summary>
public sealed class GeneratorResultTests
{
    private const string Source = """
        namespace Acme;
        [Event("a")] public sealed record Good(int A);
        [Event("b")] public sealed record Bad(int A);
        """;

    [Fact]
    public void A_failure_to_read_a_type_is_an_error_at_the_type()
    {
        var result = CSharpGeneratorDriver
            .Create(new FaultyGenerator())
            .RunGenerators(GeneratorRunner.Compile(Source))
            .GetRunResult()
            .Results[0];

        var failure = Assert.Single(result.Diagnostics);
        Assert.Null(result.Exception);
        Assert.Equal(("MILL0125", DiagnosticSeverity.Error), (failure.Id, failure.Severity));
        Assert.Contains(
            "'Acme.Bad' with FormatException: It is bad.", failure.GetMessage(null), StringComparison.Ordinal);
        Assert.Equal(2, failure.Location.GetLineSpan().StartLinePosition.Line);
        Assert.Equal(["Acme.Good.Test.g.cs"], result.GeneratedSources.Select(source => source.HintName));
    }

    [Fact]
    public void A_failure_to_write_is_an_error_that_names_the_type()
    {
        var result = CSharpGeneratorDriver.Create(new FaultyGenerator { FailsToWrite = true })
            .RunGenerators(GeneratorRunner.Compile(Source)).GetRunResult().Results[0];

        Assert.Null(result.Exception);
        Assert.Empty(result.GeneratedSources);
        Assert.Contains(
            result.Diagnostics, failure => failure.GetMessage(null).Contains("'Good' with", StringComparison.Ordinal));
    }

    /// <summary>A generator with the same steps, whose parser or emitter throws.</summary>
    private sealed class FaultyGenerator : IIncrementalGenerator
    {
        public bool FailsToWrite { get; init; }

        public void Initialize(IncrementalGeneratorInitializationContext context)
        {
            var events = context.Attributed(
                MetadataNames.Event,
                found =>
                    found.TargetSymbol is INamedTypeSymbol { Name: not "Bad" } type
                        ? TypeDeclaration.Of(type)
                        : throw new FormatException("It is bad."));
            context.Write(
                events,
                events.Collect().Select((_, _) => EquatableArray<string>.Empty),
                type => (type, "Test"),
                _ => FailsToWrite ? throw new FormatException("It is bad.") : new CodeWriter().ToSource());
        }
    }
}
