using Microsoft.CodeAnalysis;
using static Millrace.Generators.Tests.ContractTests;

namespace Millrace.Generators.Tests;

/// <summary>Tests which changes of a stored shape break the contract.</summary>
public sealed class ContractShapeTests
{
    private const string Model = "[Model] public sealed partial class Shop;\n";
    private const string Flags = Model + """
        [Flags] public enum Access : short { None = 0, Read = 1, Write = 2, All = 3 }
        [Event("door.opened")] public sealed record DoorOpened(Access Access, IReadOnlyDictionary<Access, int> Counts);
        """;

    private static readonly string[] Numbers =
        ["sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "decimal"];

    public static TheoryData<string, string, string> FlagChanges => new()
    {
        { "[Flags] public", "public", "MILL0110" },
        { "enum Access : short", "enum Access : sbyte", "MILL0110" },
        { "Read = 1, Write = 2", "Read = 2, Write = 1", "MILL0110" },
        { "Write = 2, All = 3", "Write = 4, All = 5", "MILL0110" },
        { "Write = 2, All = 3", "Other = 8", "MILL0110" },
        { "Write = 2, All = 3", "Change = 2, All = 3", "MILL0111" },
        { "All = 3", "Delete = 4, All = 7", "MILL0111" },
        { "enum Access : short", "enum Access : long", "MILL0111" },
        { "Access Access,", "int Access,", "MILL0111" },
    };

    [Theory]
    [MemberData(nameof(FlagChanges))]
    public void A_change_of_flags_breaks_the_contract_only_when_stored_numbers_change_their_meaning(
        string before, string after, string id) =>
        Assert.Equal(
            [id],
            Diagnose(Flags.Replace(before, after, StringComparison.Ordinal), ContractOf(Flags))
                .Select(found => found.Id));

    [Fact]
    public void An_enumeration_that_becomes_flags_breaks_the_contract()
    {
        var texts = Flags
            .Replace("[Flags] ", "", StringComparison.Ordinal)
            .Replace(", All = 3", "", StringComparison.Ordinal);

        Assert.Equal(["MILL0110"], Diagnose(Flags, ContractOf(texts)).Select(found => found.Id));
    }

    [Fact]
    public void A_contract_file_of_the_old_flags_format_is_read_and_updated()
    {
        var old = ContractOf(Flags)
            .Replace("  \"format\": \"2\",\n", "", StringComparison.Ordinal)
            .Replace("int16(none=0|read=1|write=2|all=3)", "(none|read|write|all)", StringComparison.Ordinal);
        Assert.DoesNotContain("=1", old, StringComparison.Ordinal);

        Assert.Equal(["MILL0111"], Diagnose(Flags, old).Select(found => found.Id));
        Assert.Equal(ContractOf(Flags), Generate(Flags, old));
        Assert.Empty(Diagnose(Flags, Generate(Flags, old)));
    }

    [Fact]
    public void A_number_can_be_read_as_every_wider_type()
    {
        var wide = new Dictionary<string, string>
        {
            ["sbyte"] = "short int long double decimal",
            ["byte"] = "short ushort int uint long ulong double decimal",
            ["short"] = "int long double decimal",
            ["ushort"] = "int uint long ulong double decimal",
            ["int"] = "long double decimal",
            ["uint"] = "long ulong double decimal",
            ["long"] = "decimal",
            ["ulong"] = "decimal",
            ["float"] = "double",
            ["double"] = "",
            ["decimal"] = "",
        };
        foreach (var stored in Numbers)
        {
            var contract = ContractOf(OfNumber(stored));
            foreach (var read in Numbers.Where(read => read != stored))
            {
                var expected = wide[stored].Split(' ').Contains(read) ? "MILL0111" : "MILL0110";
                var found = Diagnose(OfNumber(read), contract).Select(diagnostic => diagnostic.Id);
                Assert.True(found.SequenceEqual([expected]), $"{stored} as {read}: {string.Join(", ", found)}");
            }
        }
    }

    [Theory]
    [InlineData("a|b")]
    [InlineData("why?")]
    [InlineData("a:b,c")]
    [InlineData("{a}")]
    [InlineData("a\\b")]
    public void Names_can_contain_the_separators_of_a_shape(string name)
    {
        var literal = Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(name, quote: true);
        var source = Model + $$"""
            public enum E { [System.Text.Json.Serialization.JsonStringEnumMemberName({{literal}})] A, B }
            public sealed record Inner([property: System.Text.Json.Serialization.JsonPropertyName({{literal}})] E? Value, int More);
            [Event("a.b")]
            public sealed record AB([property: System.Text.Json.Serialization.JsonPropertyName({{literal}})] int Value, Inner Inner);
            """;
        var contract = ContractOf(source);

        string[] After(string before, string after) =>
            [
                .. Diagnose(source.Replace(before, after, StringComparison.Ordinal), contract)
                    .Select(diagnostic => diagnostic.Id),
            ];

        Assert.Empty(Diagnose(source, contract));
        Assert.Equal(["MILL0111"], After("B }", "B, C }"));
        Assert.Equal(["MILL0111"], After("int More", "long More"));
        Assert.Equal(["MILL0110"], After("int More", "Guid More"));
        Assert.Equal(["MILL0110"], After("E? Value", "E Value"));
    }

    [Fact]
    public void A_former_name_remains_in_the_contract_file_and_cannot_be_dropped()
    {
        const string First = Model + "[Event(\"a.b\")] public sealed record AB(int C);";
        const string Renamed = Model + "[Event(\"a.d\", Formerly = [\"a.b\"])] public sealed record AD(int C);";
        var accepted = Generate(Renamed, ContractOf(First));

        Assert.Contains("\"a.b\"", accepted, StringComparison.Ordinal);
        Assert.Empty(Diagnose(Renamed, accepted));
        var given = Renamed.Replace(", Formerly = [\"a.b\"]", "", StringComparison.Ordinal);
        Assert.Equal(["MILL0112"], Diagnose(given, accepted).Select(diagnostic => diagnostic.Id));
    }

    [Fact]
    public void A_former_name_can_be_read_by_a_JSON_upcaster_of_the_current_name()
    {
        const string First = Model + "[Event(\"a.b\")] public sealed record AB(int C);";
        const string Renamed = Model + """
            [Event("a.d", Version = 2, Formerly = ["a.b"])] public sealed record AD(string C)
            {
                [Upcast("a.d", 1)]
                public static System.Text.Json.Nodes.JsonObject Up(System.Text.Json.Nodes.JsonObject old) => old;
            }
            """;

        Assert.Equal(["MILL0111"], Diagnose(Renamed, ContractOf(First)).Select(diagnostic => diagnostic.Id));
        Assert.Contains("\"a.b\"", Generate(Renamed, ContractOf(First)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int B", "long B")]
    [InlineData("int B", "int? B")]
    [InlineData("X, Y", "X, Y, Z")]
    public void A_changed_version_must_be_readable_by_programs_with_the_accepted_version(string before, string after)
    {
        const string Source = Model + "public enum E { X, Y } [Event(\"a\")] public sealed record A(int B, E C);";
        var changed = Source.Replace(before, after, StringComparison.Ordinal);

        Assert.Equal(["MILL0111"], Diagnose(changed, ContractOf(Source)).Select(diagnostic => diagnostic.Id));
        foreach (var mode in new[] { "forward", "full", "forward-transitive", "full-transitive" })
        {
            var found = Diagnose(changed, ContractOf(Source).Replace("backward", mode, StringComparison.Ordinal));
            Assert.Contains("MILL0114", found.Select(diagnostic => diagnostic.Id));
            Assert.Contains(
                "as it was accepted",
                found.Single(diagnostic => diagnostic.Id == "MILL0114").GetMessage(null),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_declared_reader_must_be_able_to_read_a_version_even_if_its_old_record_was_deleted()
    {
        const string First = Model + "[Event(\"a\")] public sealed record A(int C);";
        const string Second = Model + """
            [Event("a", Version = 2, ReadableBy = 1)] public sealed record B(string D)
            {
                [Upcast("a", 1)] public static B Up(System.Text.Json.Nodes.JsonObject old) => new("");
            }
            """;

        Assert.Contains("MILL0114", Diagnose(Second, ContractOf(First)).Select(diagnostic => diagnostic.Id));
    }

    [Fact]
    public void A_version_number_that_looks_like_a_date_is_reported_with_a_short_list_of_missing_versions()
    {
        var found = Assert.Single(
            GeneratorRunner.Diagnose("[Event(\"a\", Version = 20250101)] public sealed record A(int B);"));

        Assert.Equal("MILL0101", found.Id);
        Assert.Contains("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …:", found.GetMessage(null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "int C) { public string? Note { get; init; } public int Attempts { get; init; } = 3; public required "
            + "Guid Id { get; init; } }",
        "int C", "string C", "Specify C of an old event.")]
    [InlineData(
        "int C, int D = 7) { public string? Note { get; init; } public int Attempts { get; init; } = 3; "
        + "public required Guid Id { get; init; } }",
        "int C, ", "", "new(old.D) { Attempts = old.Attempts, Id = old.Id, Note = old.Note }")]
    [InlineData(
        "int C, int D = 7, string? E = null, Guid F = default);",
        "int C, ",
        "",
        "(int C, string? E, int D = 7, Guid F = default);")]
    [InlineData(
        "int C, Inner D); public sealed record Inner(int X, string? Y);", "Inner D", "int D", "JsonElement D);")]
    [InlineData(
        "int C, Inner? D = null); public sealed record Inner(int X);", ", Inner? D = null", "", "JsonElement? D);")]
    [InlineData("int C, int[] D); ", "int[] D", "int D", "System.Collections.Generic.IReadOnlyList<int> D);")]
    [InlineData("int C, E D); public enum E { X, Y }", "E D", "int D", "string D);")]
    [InlineData("int C, E D); [Flags] public enum E { X = 1, Y = 2 }", "E D", "string D", "int D);")]
    [InlineData(
        "int C, [property: System.Text.Json.Serialization.JsonPropertyName(\"d-e\")] int D);",
        ", [property: " + "System.Text.Json.Serialization.JsonPropertyName(\"d-e\")] int D",
        "",
        "JsonPropertyName(\"d-e\")] int D_e);")]
    [InlineData(
        "int C) { [System.Text.Json.Serialization.JsonExtensionData] "
            + "public IReadOnlyDictionary<string, System.Text.Json.JsonElement>? More { get; init; } }",
        "int C",
        "int C, int New = 1",
        "")]
    [InlineData(
        "int C, int D) { [System.Text.Json.Serialization.JsonExtensionData] "
            + "public IReadOnlyDictionary<string, System.Text.Json.JsonElement>? More { get; init; } }",
        ", int D",
        "",
        "{ More = old.More }")]
    public async Task The_fix_keeps_every_member_and_its_result_has_no_diagnostics(
        string shape, string before, string after, string expected)
    {
        var source = Model + "[Event(\"a.b\")] public sealed record AB(" + shape;
        var changed = source.Replace(before, after, StringComparison.Ordinal);
        var contract = ContractOf(source);
        if (Diagnose(changed, contract).All(found => found.Id != "MILL0110"))
        {
            Assert.Empty(expected);
            return;
        }

        var result = await CodeFixRunner.ApplyOnlyFix(changed, Assert.Single(Diagnose(changed, contract)));

        Assert.True(result.Contains(expected, StringComparison.Ordinal), result);
        var problems = GeneratorRunner.Problems(result);
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems)}\nin:\n{result}");
        var remaining = Diagnose(result, contract);
        Assert.True(remaining.All(found => found.Id == "MILL0111"), $"{string.Join('\n', remaining)}\nin:\n{result}");
    }

    private static string OfNumber(string type) => Model + $"[Event(\"a.b\")] public sealed record AB({type} C);";
}
