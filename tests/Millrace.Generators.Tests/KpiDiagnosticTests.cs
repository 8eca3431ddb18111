using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Tests;

/// <summary>Tests that mistakes in business figures are reported once, and that correct ones are registered.</summary>
public sealed class KpiDiagnosticTests
{
    private const string Paid = "[Event(\"order.paid\")] public sealed record OrderPaid(decimal Total);\n";

    private const string Measure = "{ public static KpiValue? Measure(OrderPaid paid) => KpiValue.Of(paid.Total); }";

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "MILL0001", "[Kpi(\"a\")] public static class A " + Measure, "add 'partial'" },
        { "MILL0140", "[Kpi(\"a\")] public static partial class A { }", "it has no Measure method" },
        { "MILL0140", "[Kpi(\"a\")] public static partial class A<T> " + Measure, "type parameters" },
        {
            "MILL0140",
            "public partial class B { [Kpi(\"a\")] private static partial class A " + Measure + " }",
            "internal or public"
        },
        {
            "MILL0141",
            "[Kpi(\"a\")] public sealed partial class A { public KpiValue? Measure(OrderPaid paid) => null; }",
            "it is not static"
        },
        {
            "MILL0141",
            "[Kpi(\"a\")] public static partial class A { static decimal Measure(OrderPaid paid) => 1; }",
            "it returns 'decimal'"
        },
        {
            "MILL0141",
            "[Kpi(\"a\")] public static partial class A { static KpiValue? Measure(string paid) => null; }",
            "[Event("
        },
        {
            "MILL0141",
            "[Kpi(\"a\")] public static partial class A { static KpiValue? Measure(OrderPaid a, int b) => null; }",
            "other parameters"
        },
        {
            "MILL0141",
            "[Kpi(\"a\")] public static partial class A { static KpiValue? Measure(OrderPaid a) => null; "
                + "static KpiValue? Measure(OrderPaid a, RecordedEvent b) => null; }",
            "another one takes the same event"
        },
        { "MILL0142", "[Kpi(\"A b\")] public static partial class A " + Measure, "for its name" },
        { "MILL0142", "[Kpi(\"a\", Dimensions = [\"B\"])] public static partial class A " + Measure, "dimension 'B'" },
        {
            "MILL0142",
            "[Kpi(\"a\", Dimensions = [\"b\", \"b\"])] public static partial class A " + Measure,
            "listed twice"
        },
        { "MILL0142", "[Kpi(\"a\", Version = 0)] public static partial class A " + Measure, "at least 1" },
        { "MILL0142", "[Kpi(\"a\", MaxMembers = 0)] public static partial class A " + Measure, "MaxMembers" },
        {
            "MILL0143",
            "[Kpi(\"a\")] public static partial class A " + Measure + " [Kpi(\"a\")] public static partial class B "
                + Measure,
            "'A' and 'B'"
        },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_reported_once_at_its_location_with_advice(string id, string source, string advice)
    {
        var found = GeneratorRunner.Diagnose(Paid + source).Where(found => found.Id == id).ToList();

        var only = Assert.Single(found);
        Assert.Equal(DiagnosticSeverity.Error, only.Severity);
        Assert.Contains(
            advice, only.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Source0.cs", only.Location.GetLineSpan().Path);
    }

    [Fact]
    public void Private_methods_several_values_and_base_events_compile()
    {
        const string source = Paid
            + "[Event(\"order.base\")] public record OrderChanged(decimal Total);\n"
            + "[Event(\"order.derived\")] public sealed record OrderExtended(decimal Total) : OrderChanged(Total);\n"
            + "[Kpi(\"revenue\", Unit = \"GBP\", Kind = KpiKind.Mean, Dimensions = [\"country\"])]\n"
            + "internal static partial class Revenue {\n"
            + "private static KpiValue? Measure(OrderPaid paid, RecordedEvent recorded) => KpiValue.Of(paid.Total);\n"
            + "private static KpiValue Measure(OrderChanged changed) => KpiValue.One;\n"
            + "private static IEnumerable<KpiValue> Measure(OrderExtended extended) => [KpiValue.One]; }\n"
            + "[Model] public sealed partial class Shop;";

        Assert.Empty(GeneratorRunner.Problems(source));
    }
}
