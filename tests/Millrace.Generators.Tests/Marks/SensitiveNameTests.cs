using Microsoft.CodeAnalysis;
using Millrace.Generators.Tests.Analyzers;

namespace Millrace.Generators.Tests.Marks;

/// <summary>Tests the suggestion for members with sensitive names, and its code fix.</summary>
public sealed class SensitiveNameTests
{
    public const string Id = "MILL0410";

    [Theory]
    [InlineData("ApiKey", "key", "Secret")]
    [InlineData("RecoveryKeys", "key", "Secret")]
    [InlineData("PasswordHash", "password", "Secret")]
    [InlineData("AccessToken", "token", "Secret")]
    [InlineData("ClientSecret", "secret", "Secret")]
    [InlineData("CreditCardNumber", "credit card", "Secret")]
    [InlineData("credit_card", "credit card", "Secret")]
    [InlineData("Creditcard", "creditcard", "Secret")]
    [InlineData("SSN", "ssn", "PersonalData")]
    [InlineData("EmailAddress", "email", "PersonalData")]
    [InlineData("Emails", "email", "PersonalData")]
    [InlineData("PhoneNumber", "phone", "PersonalData")]
    [InlineData("ShippingAddresses", "address", "PersonalData")]
    [InlineData("EmailToken", "token", "Secret")]
    public async Task A_sensitive_word_is_suggested(string name, string word, string attribute)
    {
        var found = await AnalyzerRunner.ExpectOne(Id, Event($"string {name}"), $"('{word}')");

        Assert.EndsWith($"[{attribute}]", found.GetMessage(null), StringComparison.Ordinal);
        Assert.Equal(DiagnosticSeverity.Info, found.Severity);
    }

    [Theory]
    [InlineData("string Monkey")]
    [InlineData("string Keyboard")]
    [InlineData("string Addressee")]
    [InlineData("string Tokenizer")]
    [InlineData("string Key")]
    [InlineData("string CreditLimit, string CardType")]
    [InlineData("AddressId Address")]
    [InlineData("AddressId? Address")]
    [InlineData("[PersonalData] string Email, [Secret] string Token")]
    [InlineData("[PersonalData] Person? Person")]
    [InlineData("Place Address")]
    public async Task Other_names_are_not_suggested(string members)
    {
        var found = await AnalyzerRunner.Find(Event(members) + """
            [Id<Guid>] public readonly partial record struct AddressId;
            public sealed record Person(string Email);
            public sealed record Place([PersonalData] string Street);
            """);

        Assert.DoesNotContain(found, diagnostic => diagnostic.Id == Id);
    }

    [Theory]
    [InlineData("Deep Deep", "public sealed record Deep(IReadOnlyDictionary<string, Leaf[]> Leaves); "
        + "public sealed record Leaf(int Email);")]
    [InlineData("Leaf? Leaf", "public readonly record struct Leaf(bool Email);")]
    [InlineData("[property: System.Text.Json.Serialization.JsonPropertyName(\"e-mail\")] int Contact", "")]
    public async Task Members_at_any_depth_and_of_any_type_are_suggested(string members, string types) =>
        await AnalyzerRunner.ExpectOne(Id, Event(members) + types, "mail')");

    [Fact]
    public async Task Documents_are_searched() =>
        await AnalyzerRunner.ExpectOne(Id, Event("int Id") + """
            public sealed record View { public required string Email { get; init; } }
            [Projection("views")] public sealed partial class Views : Projection<int, View>
            {
                public static int Key(Happened e) => e.Id;
                public static View? Apply(View? view, Happened e) => view;
            }
            """, "'Email' of 'View'");

    [Fact]
    public async Task Other_types_are_not_searched() =>
        Assert.DoesNotContain(
            await AnalyzerRunner.Find(Event("int Id") + "public sealed record Settings(string Password);"),
            found => found.Id == Id);

    [Theory]
    [InlineData("string Email", "[PersonalData] string Email")]
    [InlineData("int Id,\n    string ApiKey", "    [Secret] string ApiKey")]
    [InlineData("[property: Obsolete] string Phone", "[PersonalData][property: Obsolete] string Phone")]
    public async Task The_fix_marks_a_parameter(string members, string expected)
    {
        var result = await CodeFixRunner.Fix(Id, Event(members));

        Assert.True(result.Contains(expected, StringComparison.Ordinal), result);
    }

    [Fact]
    public async Task The_fix_marks_a_property_below_its_comment()
    {
        var result = await CodeFixRunner.Fix(Id, """
            [Event("happened")] public sealed record Happened
            {
                /// <summary>The email address.</summary>
                public required string Email { get; init; }
            }
            """);

        const string Expected =
            "    /// <summary>The email address.</summary>\n    [PersonalData]\n    public required string Email";
        Assert.True(result.Contains(Expected, StringComparison.Ordinal), result);
    }

    [Theory]
    [InlineData("[PersonalData] DayOfWeek Birthday", "DayOfWeek? Birthday")]
    [InlineData("[PersonalData] Person Person", "Person? Person")]
    [InlineData(
        "int Id) { [PersonalData] public required Person Person { get; init; } } public sealed record Other(int X",
        "Person? Person")]
    public async Task The_fix_makes_a_member_without_an_erased_value_nullable(string members, string expected)
    {
        var result = await CodeFixRunner.Fix("MILL0402", Event(members) + "public sealed record Person(int Age);");

        Assert.Contains(expected, result, StringComparison.Ordinal);
    }

    private static string Event(string members) => $"[Event(\"happened\")] public sealed record Happened({members});\n";
}
