using System.Runtime.Loader;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Tests.Names;

/// <summary>Random programs with names that meet: each is filled as a whole, and without a
/// word of the compiler.</summary>
public sealed class NameCollisionProgramTests
{
    private static readonly int Programs = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? 1_000 : 60;

    [Fact]
    public void Every_legal_program_compiles_and_its_model_has_every_type()
    {
        for (var seed = 1; seed <= Programs; seed++)
        {
            var program = new NameCollisionProgram(seed);
            Assert.True(Missed(program) is var missed && missed is null, $"Seed {seed}: {missed}\n{program.Code}");
        }
    }

    [Fact]
    public void A_program_is_legal_without_what_is_generated()
    {
        var program = new NameCollisionProgram(1);

        // What needs a generated part is all that the compiler misses.
        Assert.All(
            GeneratorRunner
                .Compile(program.Code)
                .GetDiagnostics()
                .Where(found => found.Severity == DiagnosticSeverity.Error),
            found => Assert.Contains(found.Id, (string[])["CS0534", "CS0535"]));
    }

    /// <summary>What is wrong with a program, or null.</summary>
    private static string? Missed(NameCollisionProgram program)
    {
        GeneratorRunner
            .Driver()
            .RunGeneratorsAndUpdateCompilation(
                GeneratorRunner.Compile(program.Code), out var compilation, out var reported);
        var problems = reported
            .Concat(compilation.GetDiagnostics())
            .Where(found => found.Severity >= DiagnosticSeverity.Warning)
            .Where(found =>
                found.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) != false
                || found.Severity == DiagnosticSeverity.Error)
            .ToList();
        if (problems.Count > 0)
            return string.Join("\n", problems.Take(8));
        using var image = new MemoryStream();
        if (compilation.Emit(image) is { Success: false } emitted)
            return string.Join("\n", emitted.Diagnostics);
        image.Position = 0;
        var context = new AssemblyLoadContext("Nasty", isCollectible: true);
        var model = context.LoadFromStream(image).GetTypes().Single(type => typeof(IModel).IsAssignableFrom(type));
        var builder = new ModelBuilder();
        model.GetMethod("Register")!.Invoke(null, [builder]);
        var catalog = builder.BuildCatalog();
        var types = (builder.EventTypes.Count, catalog.Aggregates.Count, catalog.Deciders.Count);
        var found = (types.Item1, types.Item2, types.Item3, catalog.Projections.Count, catalog.Commands.Count);
        var wanted = (program.Events, program.Aggregates, program.Deciders, program.Projections, program.Commands);
        context.Unload();
        return found == wanted ? null : $"{found} instead of {wanted}";
    }
}
