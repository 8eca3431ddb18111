namespace Millrace.Generators.Tests.Fields;

/// <summary>Tests the generated expiry and compound indexes of a projection, and their diagnostics.</summary>
public sealed class ExpiryAndIndexTests
{
    private const string Projection = """
        [Model] public sealed partial class Shop;
        [Event("basket.filled")] public sealed record Filled(string Basket, DateTimeOffset At);
        [Projection("baskets")]
        public sealed partial class Baskets : Projection<string, Basket>
        {
            public static string Key(Filled filled) => filled.Basket;
            public static Basket? Apply(Basket? basket, Filled filled) => null;
        }
        """;

    [Theory]
    [InlineData("DateTime At", "MILL0074", "its type must be DateTimeOffset or DateTimeOffset?")]
    [InlineData("DateTimeOffset At, [property: Expires] DateTimeOffset End", "MILL0074", "'At' is also marked")]
    [InlineData("[property: Secret] DateTimeOffset? At", "MILL0074", "its value is stored encrypted")]
    public void An_expiry_that_cannot_be_compared_with_the_time_is_refused(string members, string id, string problem) =>
        AssertRefused($"public sealed record Basket([property: Expires] {members});", id, problem);

    [Theory]
    [InlineData("-1")]
    [InlineData("99999999999")]
    public void The_seconds_until_the_expiry_are_limited(string seconds) =>
        AssertRefused(
            $"public sealed record Basket([property: Expires(AfterSeconds = {seconds})] DateTimeOffset At);",
            "MILL0074",
            "AfterSeconds must be from 0 to a thousand years");

    [Theory]
    [InlineData("[CompoundIndex(\"Name\")]", "name 2 to 4 members")]
    [InlineData("[CompoundIndex(\"Name\", \"At\", \"Name\")]", "it names a member twice")]
    [InlineData("[CompoundIndex(\"Name\", \"at\")]", "'at' is not a member that is marked")]
    [InlineData("[CompoundIndex(\"Name\", \"Note\")]", "'Note' is not a member that is marked")]
    [InlineData("[CompoundIndex(\"Name\", \"At\"), CompoundIndex(\"Name\", \"At\")]", "it is declared twice")]
    public void An_index_of_other_members_is_refused(string attribute, string problem) =>
        AssertRefused(
            $"{attribute} public sealed record Basket("
                + "[property: Indexed] string Name, [property: Expires] DateTimeOffset At, string Note);",
            "MILL0075",
            problem);

    [Theory]
    [InlineData("[property: Indexed] string Name, [property: Expires(AfterSeconds = 90)] DateTimeOffset? EndsAt")]
    [InlineData("[Indexed] string Name, [Expires(AfterSeconds = 90), Indexed] DateTimeOffset EndsAt")]
    public void The_registration_contains_the_expiry_and_the_indexes(string members)
    {
        var source = Projection + "[CompoundIndex(nameof(Name), nameof(EndsAt))] public sealed record Basket("
            + $"{members});";

        Assert.Empty(GeneratorRunner.Problems(source));
        var code = GeneratorRunner.Files(source)["Shop.Projections.g.cs"];
        Assert.Contains("new(\"endsAt\", global::Millrace.Storage.FieldKind.Ticks", code, StringComparison.Ordinal);
        Assert.Contains("DocumentExpiry(\"endsAt\")", code, StringComparison.Ordinal);
        Assert.Contains("After = global::System.TimeSpan.FromSeconds(90L)", code, StringComparison.Ordinal);
        Assert.Contains("DocumentIndex.Of(\"name\", \"endsAt\")", code, StringComparison.Ordinal);
    }

    private static void AssertRefused(string document, string id, string problem)
    {
        var found = GeneratorRunner.Diagnose(Projection + document).Where(found => found.Id == id).ToArray();

        Assert.Contains(problem, Assert.Single(found).GetMessage(), StringComparison.Ordinal);
    }
}
