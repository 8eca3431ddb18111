using System.Runtime.Loader;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Tests.Names;

/// <summary>
/// Tests random programs with colliding names. The generator must complete each of them without a compiler diagnostic.
/// </summary>
public sealed class NameCollisionProgramTests
{
    private static readonly int Programs = TestRun.IsLong ? 1_000 : 20;

    [Fact]
    public void Every_legal_program_compiles_and_its_model_has_every_type()
    {
        for (var seed = 1; seed <= Programs; seed++)
        {
            var program = new NameCollisionProgram(seed);
            Assert.True(
                FindProblem(program) is var problem && problem is null, $"Seed {seed}: {problem}\n{program.Code}");
        }
    }

    [Fact]
    public void A_random_program_compiles_except_for_its_missing_generated_members()
    {
        var program = new NameCollisionProgram(1);

        // The compiler may only report missing generated members.
        Assert.All(
            GeneratorRunner
                .Compile(program.Code)
                .GetDiagnostics()
                .Where(found => found.Severity == DiagnosticSeverity.Error),
            found => Assert.Contains(found.Id, (string[])["CS0534", "CS0535"]));
    }

    /// <summary>Returns the first problem of a program, or null.</summary>
    private static string? FindProblem(NameCollisionProgram program)
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
        var context = new AssemblyLoadContext("NameCollisions", isCollectible: true);
        var model = context.LoadFromStream(image).GetTypes().Single(type => typeof(IModel).IsAssignableFrom(type));
        var builder = new ModelBuilder();
        model.GetMethod("Register")!.Invoke(null, [builder]);
        var catalog = builder.BuildCatalog();
        var types = (builder.EventTypes.Count, catalog.Aggregates.Count, catalog.Deciders.Count);
        var found = (types.Item1, types.Item2, types.Item3, catalog.Projections.Count, catalog.Commands.Count);
        var expected = (program.Events, program.Aggregates, program.Deciders, program.Projections, program.Commands);
        context.Unload();
        return found == expected ? null : $"{found} instead of {expected}";
    }
}
