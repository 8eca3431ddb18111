namespace Millrace.Generators.Tests;

/// <summary>Tests for which commands the generator records a stream, so that another node may handle them.</summary>
public sealed class CommandTargetTests
{
    private const string Ignored = "[JsonIgnore] public string? Note { get; init; }";

    [Theory]
    [InlineData("", "", "")]
    [InlineData("[JsonIgnore] public int Twice => Part.Number * 2;", "", "")]
    [InlineData("private readonly int _n; public int N { get => _n; init => _n = value; }", "", "")]
    public void A_command_whose_JSON_has_all_data_has_a_stream(string command, string part, string answer) =>
        Assert.Contains("Target = static", Generate(command, part, answer), StringComparison.Ordinal);

    [Theory]
    [InlineData(Ignored, "", "")]
    [InlineData("", Ignored, "")]
    [InlineData("", "", Ignored)]
    [InlineData("[JsonIgnore] public int Twice { get; } = 2;", "", "")]
    [InlineData("[JsonIgnore] public string? Note;", "", "")]
    [InlineData("internal int Note;", "", "")]
    public void A_command_whose_JSON_omits_data_has_no_stream(string command, string part, string answer)
    {
        var code = Generate(command, part, answer);

        Assert.Contains("CommandDefinition<", code, StringComparison.Ordinal);
        Assert.DoesNotContain("Target = static", code, StringComparison.Ordinal);
    }

    private static string Generate(string command, string part, string answer) => string.Concat(
        GeneratorRunner.Files($$"""
            using System.Text.Json.Serialization;
            [Model] public sealed partial class Shop;
            [Id<string>] public readonly partial record struct CartId;
            [Stream("cart")] public sealed partial class Cart : Aggregate<CartId>;
            public sealed record Part(int Number) { {{part}} }
            public sealed record Fill(CartId Cart, Part Part) : ICommand<Filled> { {{command}} }
            public sealed record Filled(int Count) { {{answer}} }
            public static class Handlers
            {
                public static Filled Handle(Fill command, [OrNew] Cart cart) => new(1);
            }
            """).Values);
}
