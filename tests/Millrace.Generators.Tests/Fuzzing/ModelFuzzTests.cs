using System.Globalization;
using Microsoft.CodeAnalysis;
using Millrace.Generators.Tests.RoundTrips;
using Xunit.Abstractions;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>
/// Tests random models. Either a model compiles and its values are read back unchanged, or a diagnostic in the user's
/// code refuses it.
/// </summary>
public sealed class ModelFuzzTests(ITestOutputHelper output)
{
    private static readonly int Programs = TestRun.IsLong ? 1_000 : 40;

    [Fact]
    public void The_values_of_every_random_model_are_read_back_unchanged_or_the_model_is_refused()
    {
        var (refused, problems) = (new SortedDictionary<string, int>(StringComparer.Ordinal), new List<string>());
        var seeds = Seeds();
        output.WriteLine($"Seeds from {seeds[0]}, and {seeds[^1]}. MILLRACE_SEED=n runs one seed.");
        foreach (var seed in seeds)
        {
            var program = new DrawnProgram(seed);
            var (problem, ids) = TryProgram(program, seed);
            foreach (var id in ids)
                refused[id] = refused.GetValueOrDefault(id) + 1;
            if (problem is not null)
                problems.Add($"Seed {seed}: {problem}\n{program.Code.Split("// The random declarations:\n")[^1]}");
        }

        var count = refused.GetValueOrDefault("any");
        output.WriteLine(
            $"{seeds.Count - problems.Count - count} of {seeds.Count} are read back unchanged, {count} are refused: "
                + string.Join(", ", refused.Select(pair => $"{pair.Key} {pair.Value}")));
        Assert.True(
            problems.Count == 0,
            $"{problems.Count} of {seeds.Count} programs have a problem:\n"
                + string.Join("\n\n", problems.Take(8)));
        Assert.True(
            seeds.Count == 1 || count < seeds.Count * 15 / 100, $"{count} of {seeds.Count} programs are refused.");
    }

    /// <summary>Returns the fixed seeds and one random seed.</summary>
    private static IReadOnlyList<int> Seeds()
    {
        if (int.TryParse(
                Environment.GetEnvironmentVariable("MILLRACE_SEED"), CultureInfo.InvariantCulture, out var seed))
            return [seed];
        return [.. Enumerable.Range(1, Programs - 1), Random.Shared.Next(1_000_000, int.MaxValue)];
    }

    private static (string? Problem, IReadOnlyList<string> Refused) TryProgram(DrawnProgram program, int seed)
    {
        // The compiler may only report missing generated members.
        var compilerErrors = GeneratorRunner.Compile(program.Code, CompiledModel.Declaration).GetDiagnostics()
            .Where(found => found.Severity == DiagnosticSeverity.Error && found.Id != "CS0534").ToList();
        if (compilerErrors.Count > 0)
            return ($"the random program is invalid: {string.Join("\n", compilerErrors.Take(4))}", []);
        using var model = CompiledModel.TryOf(program.Code, out var found);
        var generatedProblems = found
            .Where(diagnostic => !IsInUserCode(diagnostic) && diagnostic.Id is not ("CS1701" or "CS1702"))
            .ToList();
        if (generatedProblems.Count > 0)
            return ($"in generated code: {string.Join("\n", generatedProblems.Take(4))}", []);
        var errors = found.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToList();
        if (errors.Any(diagnostic => !diagnostic.Id.StartsWith("MILL", StringComparison.Ordinal)))
            return ($"compiler errors: {string.Join("\n", errors.Take(4))}", []);
        if (errors.Count > 0)
        {
            return (program.MayBeRefused ? null : $"refused: {string.Join("\n", errors.Take(4))}",
                [.. errors.Select(diagnostic => diagnostic.Id).Distinct(), "any"]);
        }
        return model is null
            ? ("no diagnostic is reported, but the program did not compile", [])
            : (new DrawnValues(model, program, seed, Unstored(found)).FindProblem(), []);
    }

    private static bool IsInUserCode(Diagnostic found) =>
        found.Location.GetLineSpan().Path.StartsWith("Source", StringComparison.Ordinal);

    /// <summary>
    /// Returns the names of the members that a warning reports as not stored. Names are unique in a program.
    /// </summary>
    private static HashSet<string> Unstored(IEnumerable<Diagnostic> found) =>
        [
            .. found
                .Where(diagnostic => diagnostic.Id == "MILL0024")
                .Select(diagnostic => diagnostic.GetMessage(CultureInfo.InvariantCulture).Split('\'')[1]),
        ];
}
