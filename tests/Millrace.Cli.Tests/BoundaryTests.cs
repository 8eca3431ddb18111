using System.Text.Json;
using Millrace.Cli.Models.Boundaries;

namespace Millrace.Cli.Tests;

/// <summary>Tests the report about dependencies across the boundaries of a model.</summary>
public sealed class BoundaryTests : IDisposable
{
    private static readonly ModelDescription Empty = EmptyModel.Description with
    {
        Models = ["Mill.Model"],
        Contexts = ["Carts", "Sacks"],
    };

    private readonly Tool _tool = new();

    private static string Shop => Tool.ProgramFile("Commerce");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void Aggregates_that_refer_to_each_other_by_id_alone_give_no_findings()
    {
        var sack = Sack with { State = [new("cart", "CartId") { RefersTo = ["Cart"] }] };

        var report = BoundaryAnalysis.Of(Empty with { Aggregates = [Cart, sack] });

        Assert.Empty(report.Findings);
        Assert.Equal(["Sack"], report.Aggregates[0].ReferredBy);
        Assert.Equal(["Cart"], report.Aggregates[1].RefersTo);
    }

    [Fact]
    public void A_command_that_changes_several_aggregates_is_a_strong_finding_but_one_that_only_reads_is_not()
    {
        var changes = Command("load-cart", "Carts", Change("Cart"), Change("Sack"));
        var reads = Command("weigh-cart", "Carts", Change("Cart"), new("Sack", TargetRequirement.Exist, [], []));

        var found = Assert.Single(
            Findings(Empty with { Aggregates = [Cart, Sack], Commands = [changes, reads] }, "several-aggregates"));

        Assert.True(found.IsStrong);
        Assert.StartsWith(
            "load-cart changes 2 aggregates in one transaction, in 2 contexts (Carts, Sacks)", found.Description);
    }

    [Fact]
    public void An_aggregate_with_a_member_or_a_parameter_of_another_aggregate_is_a_finding()
    {
        var holds = Sack with { State = [new("cart", "Cart?") { Contains = ["Cart"] }] };
        var takes = Sack with { Methods = [new("LoadOn") { Parameters = ["Cart"] }] };

        Assert.True(Assert.Single(Findings(Empty with { Aggregates = [Cart, holds] }, "holds-aggregate")).IsStrong);
        Assert.True(Assert.Single(Findings(Empty with { Aggregates = [Cart, takes] }, "takes-aggregate")).IsStrong);
    }

    [Fact]
    public void Commands_between_two_contexts_can_form_a_cycle_but_events_cannot()
    {
        var cartsToSacks = Command("load-cart", "Carts", Change("Sack"));
        var sacksToCarts = Command("fill-sack", "Sacks", Change("Cart"));
        var consumer = new ConsumerDescription("clerk", "Sacks", "Clerk.Consumer") { Events = ["cart.loaded"] };

        var cycle = Assert.Single(
            Findings(
                Empty with { Aggregates = [Cart, Sack], Commands = [cartsToSacks, sacksToCarts] }, "context-cycle"));
        var none = Findings(
            Empty with
            {
                Aggregates = [Cart, Sack],
                Commands = [cartsToSacks],
                Consumers = [consumer],
                Events = [Event("cart.loaded", "Carts")],
            },
            "context-cycle");

        Assert.Equal(["Carts", "Sacks"], cycle.Parts);
        Assert.Contains("Carts → Sacks by load-cart", cycle.Description, StringComparison.Ordinal);
        Assert.Empty(none);
    }

    [Fact]
    public void Foreign_events_and_shared_events_are_findings()
    {
        var follower = Cart with { Reads = ["sack.filled"] };
        var second = Cart with { Writes = ["sack.filled"] };
        var filled = Event("sack.filled", "Sacks");

        Assert.Contains(
            "sack.filled",
            Assert
                .Single(Findings(Empty with { Aggregates = [follower, Sack], Events = [filled] }, "foreign-events"))
                .Description,
            StringComparison.Ordinal);
        Assert.True(
            Assert
                .Single(Findings(Empty with { Aggregates = [second, Sack], Events = [filled] }, "shared-event"))
                .IsStrong);
    }

    [Fact]
    public void A_read_model_of_two_contexts_is_a_finding_and_one_of_three_contexts_is_a_strong_finding()
    {
        var two = ReadModel("sacks", "cart.loaded", "sack.filled");
        var three = ReadModel("sacks", "cart.loaded", "sack.filled", "mill.opened");
        EventDescription[] events =
        [
            Event("cart.loaded", "Carts"),
            Event("sack.filled", "Sacks"),
            Event("mill.opened", "Mills"),
        ];

        Assert.False(
            Assert.Single(Findings(Empty with { ReadModels = [two], Events = events }, "mixed-read-model")).IsStrong);
        Assert.True(
            Assert.Single(Findings(Empty with { ReadModels = [three], Events = events }, "mixed-read-model")).IsStrong);
    }

    [Fact]
    public void Large_aggregates_and_unused_events_are_findings()
    {
        var large = Cart with { Writes = [.. Enumerable.Range(1, 21).Select(number => $"cart.happened-{number}")] };

        var size = Assert.Single(Findings(Empty with { Aggregates = [large] }, "large-aggregate"));
        Assert.Contains("21 events", size.Description, StringComparison.Ordinal);
        Assert.Single(Findings(Empty with { Events = [Event("cart.lost", "Carts")] }, "unwritten-event"));
        Assert.Single(Findings(Empty with { Events = [Event("cart.lost", "Carts")] }, "unshown-event"));
        Assert.Empty(
            BoundaryAnalysis.Of(Empty with { IsComplete = false, Events = [Event("cart.lost", "Carts")] }).Findings);
    }

    [Fact]
    public async Task The_boundaries_of_the_shop_are_printed()
    {
        var run = await _tool.RunOk("model", "boundaries", "--build", Shop, "--json");

        var payment = Named(run, "aggregates", "Payment");
        Assert.Equal(
            "The payment of an order: authorized, captured, refunded or failed.",
            payment.GetProperty("responsibility").GetString());
        Assert.Contains(
            payment.GetProperty("invariants").EnumerateArray(),
            rule => rule.GetProperty("name").GetString() == "refund-within-payment");
        Assert.Contains(
            payment.GetProperty("consistencyRules").EnumerateArray(),
            rule => rule.GetString() == "The transaction of pay-order also changes: Order, InventoryItem.");
        Assert.Equal(6, payment.GetProperty("size").GetProperty("events").GetInt32());
        Assert.Equal(["Order"], payment.GetProperty("referredBy").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains(
            run.Json.GetProperty("findings").EnumerateArray(),
            found =>
                found.GetProperty("kind").GetString() == "context-cycle" && found.GetProperty("isStrong").GetBoolean());
        var usedBy = Named(run, "contexts", "Customers")
            .GetProperty("usedBy")
            .EnumerateArray()
            .Select(name => name.GetString());
        Assert.Equal(["Fulfilments", "Live", "OlderBooks", "Orders"], usedBy);
    }

    [Fact]
    public async Task The_report_can_be_limited_to_one_aggregate_and_an_unknown_name_is_reported()
    {
        var customer = await _tool.RunOk("model", "boundaries", "customer", "--build", Shop);
        var unknown = await _tool.Run("model", "boundaries", "Custmer", "--build", Shop);

        Assert.Contains(
            "The transaction of register-customer ensures unique values: customer-username.",
            customer.Output,
            StringComparison.Ordinal);
        Assert.Equal(3, unknown.ExitCode);
        Assert.Contains("'Customer'", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CI_can_check_that_the_report_file_matches_the_build()
    {
        var file = _tool.File("boundaries.md");
        string[] line = ["model", "boundaries", "--build", Shop, "--out", file];

        var missing = await _tool.Run([.. line, "--check"]);
        await _tool.RunOk(line);
        var same = await _tool.Run([.. line, "--check"]);
        await File.AppendAllTextAsync(file, "Something else.\n");
        var other = await _tool.Run([.. line, "--check"]);

        Assert.Equal((1, 0, 1), (missing.ExitCode, same.ExitCode, other.ExitCode));
        Assert.Contains("| **strong** | `several-aggregates` | pay-order changes", await File.ReadAllTextAsync(file));
    }

    private static AggregateDescription Cart =>
        new("Cart", "Carts", "cart") { Type = "Mill.Carts.Cart", Writes = ["cart.loaded"] };

    private static JsonElement Named(ToolRun run, string kind, string name) =>
        run.Json.GetProperty(kind).EnumerateArray().Single(found => found.GetProperty("name").GetString() == name);

    private static AggregateDescription Sack =>
        new("Sack", "Sacks", "sack") { Type = "Mill.Sacks.Sack", Writes = ["sack.filled"] };

    private static CommandDescription Command(string name, string context, params CommandTarget[] targets) =>
        new(name, context, typeof(object), typeof(Nothing)) { Targets = targets };

    private static CommandTarget Change(string aggregate) =>
        new(aggregate, TargetRequirement.Exist, ["Do"], [$"{aggregate}.done"]);

    private static EventDescription Event(string name, string context) =>
        new(name, context) { Type = "Mill." + name, Versions = [new(1)] };

    private static ReadModelDescription ReadModel(string name, params string[] events) => new(name, "Sacks", 1, default)
    {
        DocumentType = typeof(object),
        KeyType = typeof(string),
        Events = events,
    };

    private static IEnumerable<Dependency> Findings(ModelDescription model, string kind) =>
        BoundaryAnalysis.Of(model).Findings.Where(found => found.Kind == kind);
}
