using System.Globalization;
using Microsoft.CodeAnalysis;
using Millrace.Generators.Tests.RoundTrips;
using Xunit.Abstractions;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Random models: each compiles and its values come back, or a diagnostic at a line of
/// the user refuses it.</summary>
public sealed class ModelFuzzTests(ITestOutputHelper output)
{
    private static readonly int Programs = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? 1_000 : 100;

    [Fact]
    public void Every_drawn_model_comes_back_or_is_refused()
    {
        var (refused, problems) = (new SortedDictionary<string, int>(StringComparer.Ordinal), new List<string>());
        var seeds = Seeds();
        output.WriteLine($"Seeds from {seeds[0]}, and {seeds[^1]}: MILLRACE_SEED draws one alone");
        foreach (var seed in seeds)
        {
            var program = new DrawnProgram(seed);
            var (problem, ids) = Try(program, seed);
            foreach (var id in ids)
                refused[id] = refused.GetValueOrDefault(id) + 1;
            if (problem is not null)
                problems.Add($"Seed {seed}: {problem}\n{program.Code.Split("// Drawn.\n")[^1]}");
        }

        var count = refused.GetValueOrDefault("any");
        output.WriteLine(
            $"{seeds.Count - problems.Count - count} of {seeds.Count} come back, {count} are refused: "
                + string.Join(", ", refused.Select(pair => $"{pair.Key} {pair.Value}")));
        Assert.True(
            problems.Count == 0, $"{problems.Count} of {seeds.Count}\n" + string.Join("\n\n", problems.Take(8)));
        Assert.True(
            seeds.Count == 1 || count < seeds.Count * 15 / 100, $"{count} of {seeds.Count} programs are refused.");
    }

    /// <summary>The same ones each time, and another.</summary>
    private static IReadOnlyList<int> Seeds()
    {
        if (int.TryParse(
                Environment.GetEnvironmentVariable("MILLRACE_SEED"), CultureInfo.InvariantCulture, out var only))
            return [only];
        return [.. Enumerable.Range(1, Programs - 1), Random.Shared.Next(1_000_000, int.MaxValue)];
    }

    private static (string? Problem, IReadOnlyList<string> Refused) Try(DrawnProgram program, int seed)
    {
        // What needs a generated part is all that the compiler may miss.
        var faults = GeneratorRunner.Compile(program.Code, CompiledModel.Declaration).GetDiagnostics()
            .Where(found => found.Severity == DiagnosticSeverity.Error && found.Id != "CS0534").ToList();
        if (faults.Count > 0)
            return ($"drawing fault: {string.Join("\n", faults.Take(4))}", []);
        using var model = CompiledModel.TryOf(program.Code, out var found);
        var generated = found.Where(one => !IsOfUser(one) && one.Id is not ("CS1701" or "CS1702")).ToList();
        if (generated.Count > 0)
            return ($"in generated code: {string.Join("\n", generated.Take(4))}", []);
        var errors = found.Where(one => one.Severity == DiagnosticSeverity.Error).ToList();
        if (errors.Any(one => !one.Id.StartsWith("MILL", StringComparison.Ordinal)))
            return ($"not by Millrace: {string.Join("\n", errors.Take(4))}", []);
        if (errors.Count > 0)
        {
            return (program.IsDaring ? null : $"refused: {string.Join("\n", errors.Take(4))}",
                [.. errors.Select(one => one.Id).Distinct(), "any"]);
        }
        return model is null
            ? ("nothing is reported, and nothing compiled", [])
            : (new DrawnValues(model, program, seed, Unstored(found)).Problem(), []);
    }

    private static bool IsOfUser(Diagnostic found) =>
        found.Location.GetLineSpan().Path.StartsWith("Source", StringComparison.Ordinal);

    /// <summary>The members that a warning says are not stored; names are unique in a program.</summary>
    private static HashSet<string> Unstored(IEnumerable<Diagnostic> found) =>
        [
            .. found
                .Where(one => one.Id == "MILL0024")
                .Select(one => one.GetMessage(CultureInfo.InvariantCulture).Split('\'')[1]),
        ];
}
