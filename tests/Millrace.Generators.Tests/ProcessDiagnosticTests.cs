using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Tests;

/// <summary>Tests that mistakes in processes are reported at their location.</summary>
public sealed class ProcessDiagnosticTests
{
    private const string A =
        "public sealed class A : Process<Guid> { protected override void Define(ProcessBuilder<Guid> process) { } }\n";

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "MILL0084", "[Process(\"a\")] public sealed class A { }", "Process<TId>" },
        { "MILL0085", "[Process(\"A b\")] " + A, "dashes" },
        { "MILL0085", "[Process(\"a\", Version = 0)] " + A, "from 1" },
        { "MILL0086", "[Process(\"a\")] " + A + "[Process(\"a\")] public sealed class B : Process<Guid> "
            + "{ protected override void Define(ProcessBuilder<Guid> process) { } }", "change the name or version" },
        { "MILL0035", "[Process(\"a\")] public abstract class A : Process<Guid> { }", "cannot be created" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_reported_once_at_its_location_with_advice(string id, string source, string advice)
    {
        var found = GeneratorRunner.Diagnose(source).Where(found => found.Id == id).ToList();

        var only = Assert.Single(found);
        Assert.Equal(DiagnosticSeverity.Error, only.Severity);
        Assert.Contains(
            advice, only.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Source0.cs", only.Location.GetLineSpan().Path);
    }
}
