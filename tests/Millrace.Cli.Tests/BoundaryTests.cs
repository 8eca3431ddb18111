using System.Text.Json;
using Millrace.Cli.Models.Boundaries;

namespace Millrace.Cli.Tests;

/// <summary>What reaches across the boundaries of a model.</summary>
public sealed class BoundaryTests : IDisposable
{
    private static readonly ModelDescription Empty = new()
    {
        Models = ["Mill.Model"],
        IsComplete = true,
        Contexts = ["Carts", "Sacks"],
        Aggregates = [],
        Events = [],
        Commands = [],
        Queries = [],
        ReadModels = [],
        Consumers = [],
    };

    private readonly Tool _tool = new();

    private static string Shop => Tool.ProgramFile("Commerce");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void Nothing_is_found_where_aggregates_know_each_other_by_id_alone()
    {
        var sack = Sack with { State = [new("cart", "CartId") { RefersTo = ["Cart"] }] };

        var report = BoundaryAnalysis.Of(Empty with { Aggregates = [Cart, sack] });

        Assert.Empty(report.Findings);
        Assert.Equal(["Sack"], report.Aggregates[0].ReferredBy);
        Assert.Equal(["Cart"], report.Aggregates[1].RefersTo);
    }

    [Fact]
    public void A_command_that_changes_several_aggregates_is_strong_and_one_that_only_looks_is_not()
    {
        var changes = Command("load-cart", "Carts", Changed("Cart"), Changed("Sack"));
        var looks = Command("weigh-cart", "Carts", Changed("Cart"), new("Sack", TargetRequirement.Exist, [], []));

        var found = Assert.Single(
            Findings(Empty with { Aggregates = [Cart, Sack], Commands = [changes, looks] }, "several-aggregates"));

        Assert.True(found.IsStrong);
        Assert.StartsWith("load-cart changes 2 aggregates in one transaction, in 2 contexts (Carts, Sacks)", found.Why);
    }

    [Fact]
    public void An_aggregate_that_holds_or_takes_another_is_found()
    {
        var holds = Sack with { State = [new("cart", "Cart?") { Holds = ["Cart"] }] };
        var takes = Sack with { Methods = [new("LoadOn") { Takes = ["Cart"] }] };

        Assert.True(Assert.Single(Findings(Empty with { Aggregates = [Cart, holds] }, "holds-aggregate")).IsStrong);
        Assert.True(Assert.Single(Findings(Empty with { Aggregates = [Cart, takes] }, "takes-aggregate")).IsStrong);
    }

    [Fact]
    public void Contexts_that_need_each_other_within_transactions_are_a_cycle_and_events_make_none()
    {
        var there = Command("load-cart", "Carts", Changed("Sack"));
        var back = Command("fill-sack", "Sacks", Changed("Cart"));
        var follows = new ConsumerDescription("clerk", "Sacks", "Clerk.Consumer") { Events = ["cart.loaded"] };

        var cycle = Assert.Single(
            Findings(Empty with { Aggregates = [Cart, Sack], Commands = [there, back] }, "context-cycle"));
        var none = Findings(
            Empty with
            {
                Aggregates = [Cart, Sack],
                Commands = [there],
                Consumers = [follows],
                Events = [Event("cart.loaded", "Carts")],
            },
            "context-cycle");

        Assert.Equal(["Carts", "Sacks"], cycle.Parts);
        Assert.Contains("Carts → Sacks by load-cart", cycle.Why, StringComparison.Ordinal);
        Assert.Empty(none);
    }

    [Fact]
    public void Events_of_others_and_events_that_are_shared_are_found()
    {
        var follower = Cart with { Reads = ["sack.filled"] };
        var second = Cart with { Writes = ["sack.filled"] };
        var filled = Event("sack.filled", "Sacks");

        Assert.Contains(
            "sack.filled",
            Assert
                .Single(Findings(Empty with { Aggregates = [follower, Sack], Events = [filled] }, "foreign-events"))
                .Why,
            StringComparison.Ordinal);
        Assert.True(
            Assert
                .Single(Findings(Empty with { Aggregates = [second, Sack], Events = [filled] }, "shared-event"))
                .IsStrong);
    }

    [Fact]
    public void A_read_model_of_several_contexts_is_noted_and_of_three_is_strong()
    {
        var two = Shown("sacks", "cart.loaded", "sack.filled");
        var three = Shown("sacks", "cart.loaded", "sack.filled", "mill.opened");
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
    public void Large_aggregates_and_events_without_use_are_noted()
    {
        var large = Cart with { Writes = [.. Enumerable.Range(1, 21).Select(number => $"cart.happened-{number}")] };

        var size = Assert.Single(Findings(Empty with { Aggregates = [large] }, "large-aggregate"));
        Assert.Contains("21 events", size.Why, StringComparison.Ordinal);
        Assert.Single(Findings(Empty with { Events = [Event("cart.lost", "Carts")] }, "unwritten-event"));
        Assert.Single(Findings(Empty with { Events = [Event("cart.lost", "Carts")] }, "unshown-event"));
        Assert.Empty(
            BoundaryAnalysis.Of(Empty with { IsComplete = false, Events = [Event("cart.lost", "Carts")] }).Findings);
    }

    [Fact]
    public async Task The_boundaries_of_the_shop_are_printed()
    {
        var run = await _tool.Done("model", "boundaries", "--build", Shop, "--json");

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
    public async Task One_aggregate_is_printed_alone_and_a_wrong_name_is_not_found()
    {
        var one = await _tool.Done("model", "boundaries", "customer", "--build", Shop);
        var none = await _tool.Run("model", "boundaries", "Custmer", "--build", Shop);

        Assert.Contains(
            "The transaction of register-customer ensures unique values: username.",
            one.Output,
            StringComparison.Ordinal);
        Assert.Equal(3, none.ExitCode);
        Assert.Contains("'Customer'", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_is_a_file_that_CI_holds_the_build_against()
    {
        var file = _tool.File("boundaries.md");
        string[] line = ["model", "boundaries", "--build", Shop, "--out", file];

        var missing = await _tool.Run([.. line, "--check"]);
        await _tool.Done(line);
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

    private static CommandTarget Changed(string aggregate) =>
        new(aggregate, TargetRequirement.Exist, ["Do"], [$"{aggregate}.done"]);

    private static EventDescription Event(string name, string context) =>
        new(name, context) { Type = "Mill." + name, Versions = [new(1)] };

    private static ReadModelDescription Shown(string name, params string[] events) => new(name, "Sacks", 1, default)
    {
        DocumentType = typeof(object),
        KeyType = typeof(string),
        Events = events,
    };

    private static IEnumerable<Dependency> Findings(ModelDescription model, string kind) =>
        BoundaryAnalysis.Of(model).Findings.Where(found => found.Kind == kind);
}
