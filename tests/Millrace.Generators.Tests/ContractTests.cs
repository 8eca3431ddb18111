using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace Millrace.Generators.Tests;

/// <summary>Tests that a model is checked against the contract of its stored events.</summary>
public sealed class ContractTests
{
    private const string Before = """
        [Model] public sealed partial class Shop;
        public enum Channel { Web, Phone }
        public sealed record Money(decimal Amount, string Currency);
        [Event("order.placed")]
        public sealed record OrderPlaced(Guid Order, Money Total, int Lines, IReadOnlyList<Channel> Channels, string? Note = null);
        """;

    public static IEnumerable<string> Ids => ["MILL0110", "MILL0111", "MILL0112", "MILL0113", "MILL0114"];

    public static TheoryData<string, string, string> Breaks =>
        new()
        {
            { "int Lines, ", "", "'lines' was stored, but is no longer read" },
            { "int Lines", "int Items", "'items' is required, but was not stored" },
            { "int Lines", "string Lines", "'lines' was stored as int32, but is read as string" },
            { "int Lines", "short Lines", "'lines' was stored as int32, but is read as int16" },
            { "string? Note = null", "string Note", "'note' is required, but may be missing" },
            { "string Currency)", "string Coin)", "'total.coin' is required" },
            { "Web, Phone", "Web, Mail", "which no longer exists" },
            {
                "IReadOnlyList<Channel>",
                "IReadOnlyDictionary<string, Channel>",
                "'channels' was stored as a list, but is read as a map"
            },
        };

    public static TheoryData<string, string> Harmless => new()
    {
        { "int Lines", "long Lines" },
        { "string? Note = null", "string? Note = null, DateOnly? Due = null" },
        { "Web, Phone", "Web, Phone, Mail" },
        { "Guid Order", "string Order" },
    };

    [Fact]
    public void An_accepted_contract_is_not_reported()
    {
        var contract = ContractOf(Before);

        Assert.Empty(Diagnose(Before, contract));
        Assert.Contains("\"total\": \"{amount:decimal,currency:string}\"", contract, StringComparison.Ordinal);
        Assert.Contains("\"note?\": \"string\"", contract, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public void A_change_that_makes_stored_events_unreadable_does_not_compile(
        string before, string after, string reason)
    {
        var found = Assert.Single(
            Diagnose(Before.Replace(before, after, StringComparison.Ordinal), ContractOf(Before)));

        Assert.Equal(("MILL0110", DiagnosticSeverity.Error), (found.Id, found.Severity));
        Assert.Contains(
            reason, found.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Source0.cs", found.Location.GetLineSpan().Path);
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void A_change_that_can_read_all_stored_events_must_be_accepted(string before, string after)
    {
        var changed = Before.Replace(before, after, StringComparison.Ordinal);

        var found = Assert.Single(Diagnose(changed, ContractOf(Before)));
        Assert.Equal(("MILL0111", DiagnosticSeverity.Warning), (found.Id, found.Severity));
        Assert.Empty(Diagnose(changed, ContractOf(changed)));
    }

    [Fact]
    public void A_new_event_must_be_accepted()
    {
        const string Paid = "[Event(\"order.paid\")] public sealed record OrderPaid(int A);";

        Assert.Equal(["MILL0111"], Diagnose(Before + Paid, ContractOf(Before)).Select(found => found.Id));
    }

    [Fact]
    public void A_stored_version_without_a_reader_breaks_the_contract()
    {
        const string Gone = "[Model] public sealed partial class Shop;";
        const string Renamed = Gone + "[Event(\"a\", Formerly = [\"order.placed\"])] public sealed record A(int B);";
        const string ByJson = Gone + """
            [Event("order.placed", Version = 2)] public sealed record B(int C)
            {
                [Upcast("order.placed", 1)]
                public static System.Text.Json.Nodes.JsonObject Up(System.Text.Json.Nodes.JsonObject old) => old;
            }
            """;
        var contract = ContractOf(Before);

        Assert.Equal(["MILL0112"], Diagnose(Gone, contract).Select(found => found.Id));
        Assert.Equal(
            ["MILL0110", "MILL0111"],
            Diagnose(Renamed, contract).Select(found => found.Id).Order(StringComparer.Ordinal));
        Assert.Equal(["MILL0111"], Diagnose(ByJson, contract).Select(found => found.Id));
        Assert.Contains("\"total\": \"{amount", Generate(ByJson, contract), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"compatibility\": \"sideways\"}")]
    [InlineData("{\"events\": {\"a\": {\"none\": {}}}}")]
    [InlineData("{\"events\": {\"a\": {\"1\": {\"b\": 1}}}}")]
    [InlineData("{\"events\": {}} {}")]
    [InlineData("{\"other\": {}}")]
    [InlineData("{\"events")]
    [InlineData("{\"events\\")]
    [InlineData("{\"events\\u00")]
    [InlineData("{\"format\": \"3\"}")]
    public void An_invalid_contract_file_is_refused(string contract) =>
        Assert.Equal(
            ["MILL0113"],
            Diagnose("[Model] public sealed partial class Shop;", contract).Select(found => found.Id));

    [Theory]
    [InlineData("backward", 0)]
    [InlineData("forward", 0)]
    [InlineData("full", 0)]
    [InlineData("forward-transitive", 1)]
    [InlineData("full-transitive", 1)]
    [InlineData("none", 0)]
    public void Older_readers_are_checked_according_to_the_mode(string mode, int problems)
    {
        const string Versions = """
            [Model] public sealed partial class Shop;
            [Event("a", Version = 1)] public sealed record A1(int B, int C) { [Upcast] public static A2 Up(A1 old) => new(old.B); }
            [Event("a", Version = 2)] public sealed record A2(int B) { [Upcast] public static A3 Up(A2 old) => new(old.B, 0); }
            [Event("a", Version = 3)] public sealed record A3(int B, int D);
            """;
        var contract = ContractOf(Versions).Replace("backward", mode, StringComparison.Ordinal);

        var found = Diagnose(Versions, contract);

        Assert.Equal(problems, found.Count);
        Assert.All(found, diagnostic => Assert.Equal("MILL0114", diagnostic.Id));
    }

    [Fact]
    public void In_the_mode_none_versions_are_not_compared()
    {
        var contract = ContractOf(Before).Replace("backward", "none", StringComparison.Ordinal);
        var changed = Before.Replace("int Lines, ", "", StringComparison.Ordinal);

        Assert.Equal(["MILL0111"], Diagnose(changed, contract).Select(found => found.Id));
    }

    [Fact]
    public void A_declared_reader_of_a_version_must_be_able_to_read_it()
    {
        const string Claim = """
            [Event("a")] public sealed record A(int C);
            [Event("a", Version = 2, ReadableBy = 1)] public sealed record B(string D) { [Upcast] public static B Up(A old) => new(""); }
            """;

        Assert.Equal(["MILL0114"], GeneratorRunner.Diagnose(Claim).Select(found => found.Id));
    }

    [Theory]
    [InlineData(
        "int Lines, ", "", "V1(IReadOnlyList<Channel> Channels, int Lines, string? Note, Guid Order, Money Total);")]
    [InlineData("int Lines", "string Lines", "Specify Lines of an old event.")]
    public async Task The_fix_keeps_the_old_version_and_adds_an_upcaster(
        string before, string after, string expected)
    {
        var contract = ContractOf(Before);
        var changed = Before.Replace(before, after, StringComparison.Ordinal);

        var result = await CodeFixRunner.ApplyOnlyFix(changed, Assert.Single(Diagnose(changed, contract)));

        Assert.True(result.Contains(expected, StringComparison.Ordinal), result);
        Assert.Contains("[Event(\"order.placed\", Version = 2)]", result, StringComparison.Ordinal);
        Assert.Empty(GeneratorRunner.Problems(result));
        Assert.Equal(["MILL0111"], Diagnose(result, contract).Select(found => found.Id));
    }

    [Fact]
    public async Task The_fix_writes_only_new_versions_into_the_contract()
    {
        const string Paid =
            "[Event(\"order.paid\")] public sealed record OrderPaid(Guid Order, Money Amount, string? Note = null);";
        const string Sent = "[Event(\"order.sent\", Version = 1)] public sealed record OrderSent(Guid Order);";
        var contract = ContractOf(Before);
        var changed = Before.Replace("int Lines", "long Lines", StringComparison.Ordinal) + Paid + Sent;
        var found = Diagnose(changed, contract);
        using var workspace = new AdhocWorkspace();
        var document = WithContract(CodeFixRunner.Open(workspace, changed), contract);

        var paid = found.Single(diagnostic => diagnostic.ToString().Contains("OrderPaid", StringComparison.Ordinal));
        var offer = Assert.Single(await CodeFixRunner.FindFixes(document, paid));
        var acceptedOne = await Apply(offer);
        var acceptedAll = await Apply(await FixAll(document, found));

        Assert.Equal("Accept 'order.paid' version 1 into events.contract.json", offer.Title);
        Assert.Equal(["MILL0111", "MILL0111"], Diagnose(changed, acceptedOne).Select(remaining => remaining.Id));
        Assert.Contains("\"amount\": \"{amount:decimal,currency:string}\"", acceptedOne, StringComparison.Ordinal);
        Assert.Contains("\"lines\": \"int32\"", acceptedOne, StringComparison.Ordinal);
        Assert.Empty(Diagnose(changed, acceptedAll));
        Assert.Equal(ContractOf(changed), acceptedAll);
    }

    [Fact]
    public async Task The_fix_does_not_accept_a_broken_shape_or_change_an_invalid_file()
    {
        var contract = ContractOf(Before);
        const string New = "[Event(\"b.c\")] public sealed record BC(int A);";
        var changed = Before.Replace("int Lines", "string Lines", StringComparison.Ordinal) + New;
        var found = Diagnose(changed, contract);
        using var workspace = new AdhocWorkspace();
        var document = CodeFixRunner.Open(workspace, changed);

        var accepted = await Apply(Assert.Single(
            await CodeFixRunner.FindFixes(
                WithContract(document, contract), found.Single(diagnostic => diagnostic.Id == "MILL0111"))));

        Assert.Equal(["MILL0110"], Diagnose(changed, accepted).Select(remaining => remaining.Id));
        Assert.Empty(
            await CodeFixRunner.FindFixes(
                WithContract(document, "{"), found.Single(diagnostic => diagnostic.Id == "MILL0111")));
        Assert.Empty(await CodeFixRunner.FindFixes(document, found.Single(diagnostic => diagnostic.Id == "MILL0111")));
    }

    private static Document WithContract(Document document, string contract) =>
        // The project still contains the document.
        document.Project.AddAdditionalDocument("events.contract.json", contract).Project.GetDocument(document.Id)!;

    private static Task<CodeAction> FixAll(Document document, List<Diagnostic> found)
    {
        var fix = CodeFixRunner.All.Single(provider => provider.FixableDiagnosticIds.Contains("MILL0111"));
        var context = new FixAllContext(
            document,
            fix,
            FixAllScope.Project,
            "MILL0111",
            ["MILL0111"],
            new KnownDiagnostics([.. found.Where(diagnostic => diagnostic.Id == "MILL0111")]),
            CancellationToken.None);
        return fix.GetFixAllProvider()!.GetFixAsync(context)!; // The fix has a provider, which finds something to fix.
    }

    private static async Task<string> Apply(CodeAction action)
    {
        var solution = await CodeFixRunner.ChangedSolution(action);
        return (await solution.Projects.Single().AdditionalDocuments.Single().GetTextAsync()).ToString();
    }

    internal static string ContractOf(string source) => Generate(source, null);

    /// <summary>Returns the contract that the code fix would accept.</summary>
    internal static string Generate(string source, string? contract)
    {
        Driver(contract).RunGeneratorsAndUpdateCompilation(GeneratorRunner.Compile(source), out var compilation, out _);
        var model = compilation.GetTypeByMetadataName("Shop")!; // Every source of these tests has a model Shop.
        // A constant always has a value.
        return (string)((IFieldSymbol)model.GetMembers("EventsContract").Single()).ConstantValue!;
    }

    internal static List<Diagnostic> Diagnose(string source, string contract) =>
        [.. Driver(contract).RunGenerators(GeneratorRunner.Compile(source)).GetRunResult().Diagnostics];

    private static GeneratorDriver Driver(string? contract) =>
        contract is null
            ? GeneratorRunner.Driver()
            : GeneratorRunner.Driver().AddAdditionalTexts([new ContractText(contract)]);

    /// <summary>Provides the diagnostics that an editor has already found.</summary>
    private sealed class KnownDiagnostics(IReadOnlyList<Diagnostic> found) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(
            Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(found);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(
            Document document, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(found);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(
            Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(found);
    }

    private sealed class ContractText(string text) : AdditionalText
    {
        public override string Path => "src/Shop/events.contract.json";

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
