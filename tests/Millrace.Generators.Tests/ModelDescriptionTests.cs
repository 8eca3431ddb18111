using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Millrace.Generators.Tests;

/// <summary>Tests the generated description of the relations within a model.</summary>
public sealed class ModelDescriptionTests
{
    private const string Code = """
        namespace Mill.Grain;
        /// <summary>All of the mill.</summary>
        [Model] public sealed partial class Model;
        [Id<Guid>] public readonly partial record struct SackId;
        [Id<Guid>] public readonly partial record struct CartId;
        /// <summary>A sack was filled.</summary>
        [Event("sack.filled")] public sealed record SackFilled(SackId Sack, int Kilograms);
        [Event("sack.emptied")] public sealed record SackEmptied(SackId Sack);
        [Event("cart.loaded")] public sealed record CartLoaded(CartId Cart, SackId Sack);
        [Event("day.closed")] public sealed record DayClosed(DateOnly Day);
        [Event("miller.paid")] public sealed record MillerPaid(string Miller);

        public sealed record FillSack(SackId Sack, int Kilograms) : ICommand;
        public sealed record EmptySack(SackId Sack, CartId Cart) : ICommand;
        public sealed record CloseDay(DateOnly Day) : ICommand;
        public sealed record PayMiller(SackId Sack, string Miller) : ICommand;

        /// <summary>A sack of grain.</summary>
        [Stream("sack")] public sealed partial class Sack : Aggregate<SackId>
        {
            private readonly List<CartId> _carts = [];
            private Cart? _cart;
            public int Kilograms { get; private set; }
            /// <summary>Fills it.</summary>
            public void Fill(int kilograms)
            {
                Require(kilograms > 0, "weight-positive", $"A sack weighs more than {0}.");
                Raise(Filled(kilograms));
            }
            public void Empty(Cart cart)
            {
                if (Kilograms == 0)
                    throw Refused("sack-full");
                Raise(new SackEmptied(Id));
                Note();
            }
            private void Note() => Require(Kilograms >= 0, "never-negative", "No sack weighs less than nothing.");
            private WrongStateException Refused(string invariant) => new(nameof(Sack), invariant, "empty", "be emptied");
            private SackFilled Filled(int kilograms) => new(Id, kilograms);
            private void When(SackFilled filled) => Kilograms = filled.Kilograms;
        }

        [Stream("cart")] public sealed partial class Cart : Aggregate<CartId>
        {
            public void Load(SackId sack) => Raise(new CartLoaded(Id, sack));
            private void When(CartLoaded loaded) { }
        }

        public static class Handlers
        {
            public static void Handle(FillSack command, [New] Sack sack, CommandContext context)
            {
                sack.Fill(command.Kilograms);
                context.Claim(Claim.Acquire("sack-number", "1", "2"));
            }
            public static async Task Handle(EmptySack command, Sack sack, CommandContext context, CancellationToken cancellationToken)
            {
                var cart = await context.CartOf(command.Cart, cancellationToken);
                sack.Empty(cart);
                new[] { sack.Id }.ToList().ForEach(cart.Load);
            }
            public static void Handle(CloseDay command, CommandContext context) =>
                context.Append(new StreamId("day-1"), ExpectedVersion.Any, [new DayClosed(command.Day)]);
        }
        public static class Carts
        {
            public static ValueTask<Cart> CartOf(this CommandContext context, CartId id, CancellationToken cancellationToken) =>
                context.LoadOrNew<Cart, CartId>(id, cancellationToken);
        }

        public sealed record Wages(int Times);
        [Decider("wages")] public static partial class WagesDecider
        {
            public static readonly Wages Initial = new(0);
            public static MillerPaid Decide(PayMiller command, Wages wages) => wages.Times == 0
                ? new(command.Miller)
                : throw new InvariantViolatedException("Wages", "paid-once", "One wage is enough.");
            private static Wages Evolve(Wages wages, MillerPaid paid) => new(wages.Times + 1);
        }

        public sealed record SackView(int Kilograms);
        [Projection("sacks")] public sealed partial class Sacks : Projection<SackId, SackView>
        {
            public static SackId Key(SackFilled filled) => filled.Sack;
            public static SackView? Apply(SackView? view, SackFilled filled) => new(filled.Kilograms);
        }
        public sealed record GetSack(SackId Sack) : IQuery<SackView?>;
        public sealed class Shelf(IReadModel<SackId, SackView> sacks) { public IReadModel<SackId, SackView> Sacks => sacks; }
        public static class Queries
        {
            public static SackView? Handle(GetSack query, Shelf shelf) => null;
        }

        public sealed class Clerk(ICommandBus bus)
        {
            public static readonly string[] Types = ["sack.emptied"];
            /// <summary>Closes the day.</summary>
            public ConsumerDefinition Consumer() => ConsumerDefinition.Each("clerk", EventFilter.OfTypes(Types), React);
            private async ValueTask React(RecordedEvent recorded, CancellationToken cancellationToken)
            {
                if (recorded.Data is SackEmptied)
                    await bus.Send(new CloseDay(default), null, cancellationToken);
            }
        }
        /// <summary>From the field to the miller.</summary>
        [Process("grinding")] public sealed class Grinding : Process<Guid>
        {
            protected override void Define(ProcessBuilder<Guid> process) => process
                .StartOn<SackFilled>(filled => filled.Sack.Value)
                .Step("empty", id => new EmptySack(new(id), default), id => Refill(id))
                .Parallel("wages", both => both.Step("pay", (Guid id, SackFilled filled) => new PayMiller(new(id), "Ada")))
                .Step(Names.Close, _ => new CloseDay(default));
            private static FillSack Refill(Guid id) => new(new(id), 1);
        }
        public static class Names { public const string Close = "close"; }
        public static class Import
        {
            public static async Task Run(EventStore store, CancellationToken cancellationToken)
            {
                await store.Append(new StreamId("day-1"), ExpectedVersion.Any, [new DayClosed(default)], cancellationToken);
            }
        }
        """;

    private static readonly JsonNode Description = Describe(Code);

    [Fact]
    public void An_aggregate_shows_its_state_methods_and_rules()
    {
        var sack = Find("aggregates", "Mill.Grain.Sack");

        Assert.Equal("A sack of grain.", (string?)sack["summary"]);
        Assert.Equal(["Mill.Grain.SackFilled"], Texts(sack["reads"]));
        Assert.Equal(["Fill", "Empty"], sack["methods"]!.AsArray().Select(method => (string)method!["name"]!));
        Assert.Equal(["Mill.Grain.SackFilled"], Texts(sack["methods"]![0]!["events"]));
        Assert.Equal(["Mill.Grain.Cart"], Texts(sack["methods"]![1]!["takes"]));
        Assert.Equal(["sack-full", "never-negative"], Texts(sack["methods"]![1]!["rules"]));
        Assert.Equal(["carts", "cart", "Kilograms"], sack["state"]!.AsArray().Select(state => (string)state!["name"]!));
        Assert.Equal(["Mill.Grain.CartId"], Texts(sack["state"]![0]!["ids"]));
        Assert.Equal(["Mill.Grain.Cart"], Texts(sack["state"]![1]!["holds"]));
        Assert.Equal("A sack weighs more than {0}.", (string?)sack["rules"]![0]!["message"]);
    }

    [Fact]
    public void A_process_shows_the_commands_that_each_step_sends_and_that_undo_the_step()
    {
        var grinding = Find("processes", "Mill.Grain.Grinding");
        var steps = grinding["steps"]!.AsArray();

        Assert.Equal("From the field to the miller.", (string?)grinding["summary"]);
        Assert.Equal(["empty", "pay", "close"], steps.Select(step => (string)step!["name"]!));
        Assert.Equal(["Mill.Grain.EmptySack"], Texts(steps[0]!["sends"]));
        Assert.Equal(["Mill.Grain.FillSack"], Texts(steps[0]!["undoneBy"]));
        Assert.Equal(["Mill.Grain.PayMiller"], Texts(steps[1]!["sends"]));
        Assert.Null(steps[1]!["undoneBy"]);
        Assert.Equal(["Mill.Grain.CloseDay"], Texts(steps[2]!["sends"]));
    }

    [Fact]
    public void A_rule_shows_its_condition_for_every_form_of_check()
    {
        var rules = Find("aggregates", "Mill.Grain.Sack")["rules"]!.AsArray();

        Assert.Equal(["kilograms > 0"], Texts(rules[0]!["conditions"]));
        Assert.Equal(["Kilograms != 0"], Texts(rules[1]!["conditions"]));
        Assert.Equal(["Kilograms >= 0"], Texts(rules[2]!["conditions"]));
        Assert.Equal(
            ["wages.Times == 0"],
            Texts(Find("deciders", "Mill.Grain.WagesDecider")["rules"]![0]!["conditions"]));
    }

    [Theory]
    [InlineData("Require(!(_a is null)\n        && _b > 0, \"r\", \"m\");", "!(_a is null) && _b > 0")]
    [InlineData("if (_b == 1) throw new InvariantViolatedException(\"S\", \"r\", \"m\");", "_b != 1")]
    [InlineData("if (!(_b is 1 or 2)) { throw new InvariantViolatedException(\"S\", \"r\", \"m\"); }", "_b is 1 or 2")]
    [InlineData("if (_b is 1 or 2) throw new InvariantViolatedException(\"S\", \"r\", \"m\");", "_b is not (1 or 2)")]
    [InlineData("if (_b is not (1 or 2)) throw new InvariantViolatedException(\"S\", \"r\", \"m\");", "_b is 1 or 2")]
    [InlineData("if (_a is { } a) throw new InvariantViolatedException(\"S\", \"r\", \"m\");", "!(_a is { } a)")]
    [InlineData(
        "if (_b < 1 || _b > 9) throw new WrongStateException(\"S\", \"r\", \"s\", \"m\");", "!(_b < 1 || _b > 9)")]
    [InlineData("if (_b == 1) return; else throw new InvariantViolatedException(\"S\", \"r\", \"m\");", "_b == 1")]
    [InlineData("_a = _b < 0 ? throw new InvariantViolatedException(\"S\", \"r\", \"m\") : \"x\";", "!(_b < 0)")]
    [InlineData("_a = _a ?? throw new InvariantViolatedException(\"S\", \"r\", \"m\");", "_a is not null")]
    [InlineData(
        "_a = _b switch { 1 => \"x\", 2 => throw new InvariantViolatedException(\"S\", \"r\", \"m\"), _ => \"y\" };",
        "_b is not 2")]
    [InlineData(
        "_a = _b switch { 1 => \"x\", 2 => \"y\", _ => throw new InvariantViolatedException(\"S\", \"r\", \"m\") };",
        "_b is 1 or 2")]
    [InlineData("if (_b > 1) throw new Own(_b);", "!(_b > 1)")]
    [InlineData("Ensure(_b > 1, \"r\");", "_b > 1")]
    [InlineData("Refuse(\"r\", _b == 1);", "_b != 1")]
    [InlineData("throw new InvariantViolatedException(\"S\", \"r\", \"m\");", null)]
    [InlineData("if (_b > 1) { if (_a is null) throw new Own(_b); }", "!(_b > 1) || _a is not null")]
    [InlineData("if (_b == 1) _b = 2; else if (_a is null) throw new Own(_b);", "_b == 1 || _a is not null")]
    [InlineData("if (_b == 1) _b = 2; else { if (!(_b > 2)) _b = 3; else throw new Own(_b); }", "_b == 1 || !(_b > 2)")]
    [InlineData("if (_b > 1) { foreach (var c in _a!) { if (c == 'x') throw new Own(_b); } }", "!(_b > 1) || c != 'x'")]
    [InlineData("if (_b > 1) Require(_a is null, \"r\", \"m\");", "!(_b > 1) || _a is null")]
    [InlineData(
        "if (_b > 1) { } else Require(_a is null ? _b > 2 : _b > 3, \"r\", \"m\");",
        "_b > 1 || (_a is null ? _b > 2 : _b > 3)")]
    [InlineData("if (!(_b > 1)) Refuse(\"r\", _a is null);", "_b > 1 || _a is not null")]
    [InlineData("if (_b > 1) _a = _a ?? throw new Own(_b);", "!(_b > 1) || _a is not null")]
    [InlineData("_a = _b > 1 ? _a is null ? throw new Own(_b) : \"x\" : \"y\";", "!(_b > 1) || _a is not null")]
    [InlineData("if (_b == 1) return; if (_a is null) throw new Own(_b);", "_b == 1 || _a is not null")]
    [InlineData("if (_b == 1) return; throw new Own(_b);", "_b == 1")]
    [InlineData("if (_b == 1) throw new NotSupportedException(); if (_a is null) throw new Own(_b);", "_a is not null")]
    [InlineData(
        "switch (_b) { case 1: case 2: if (_a is null) throw new Own(_b); break; }",
        "_b is not (1 or 2) || _a is not null")]
    [InlineData("switch (_b) { default: if (_a is null) throw new Own(_b); break; }", null)]
    [InlineData("switch (_b) { case 1: return; } if (_a is null) throw new Own(_b);", null)]
    [InlineData("try { _b = 2; } catch (FormatException) { if (_a is null) throw new Own(_b); }", null)]
    [InlineData(
        "while (_b > 1) { if (_a is null) break; if (_b == 3) throw new Own(_b); }",
        "!(_b > 1) || _a is null || _b != 3")]
    public void The_condition_of_a_rule_is_read_from_the_code(string statement, string? condition)
    {
        var described = Describe($$"""
            using System.Diagnostics.CodeAnalysis;
            namespace Mill;
            [Model] public sealed partial class Model;
            public sealed class Own(int given) : InvariantViolatedException("S", "r", $"No {given}.");
            [Stream("s")] public sealed partial class S : Aggregate<Guid>
            {
                private string? _a = null;
                private int _b = 1;
                public void Do() { {{statement}} }
                private static void Ensure([DoesNotReturnIf(false)] bool holds, string rule)
                {
                    if (!holds)
                        throw new InvariantViolatedException("S", rule, "m");
                }
                private static void Refuse(string rule, [DoesNotReturnIf(true)] bool when) => Ensure(!when, rule);
            }
            """);

        AssertRule(condition, Assert.Single(described["aggregates"]![0]!["rules"]!.AsArray())!);
    }

    private static void AssertRule(string? condition, JsonNode rule)
    {
        Assert.Equal("r", (string?)rule["name"]);
        Assert.Equal(condition is null ? [] : [condition], rule["conditions"] is { } found ? Texts(found) : []);
    }

    [Theory]
    [InlineData("Check();", "_a is null")]
    [InlineData("if (_b > 1) Check();", "!(_b > 1) || _a is null")]
    [InlineData(
        "if (_b > 1) Check(); else if (_b == 0) Check();",
        "!(_b > 1) || _a is null",
        "_b > 1 || _b != 0 || _a is null")]
    [InlineData("if (_b > 1) Check(); Middle();", "!(_b > 1) || _a is null", "_b != 3 || _a is null")]
    [InlineData("if (_b < 9) Middle();", "!(_b < 9) || _b != 3 || _a is null")]
    [InlineData("try { _b = 2; } catch (FormatException) { Check(); }")]
    public void A_rule_in_a_helper_method_shows_the_conditions_of_its_callers(
        string statement, params string[] conditions)
    {
        var helper = statement.Contains("Middle", StringComparison.Ordinal) ? "private void Middle() { if (_b == 3) "
            + "Check(); }" : "";
        var described = Describe($$"""
            namespace Mill;
            [Model] public sealed partial class Model;
            [Stream("s")] public sealed partial class S : Aggregate<Guid>
            {
                private string? _a = null;
                private int _b = 1;
                public void Do() { {{statement}} }
                {{helper}}
                private void Check() => Require(_a is null, "r", "m");
            }
            """);

        var rule = Assert.Single(described["aggregates"]![0]!["rules"]!.AsArray())!;

        Assert.Equal(conditions, rule["conditions"] is { } actual ? Texts(actual) : []);
    }

    [Fact]
    public void A_command_shows_the_aggregates_it_loads_and_changes_and_its_claims()
    {
        var (fill, empty) = (Find("commands", "Mill.Grain.FillSack"), Find("commands", "Mill.Grain.EmptySack"));

        Assert.Equal(["sack-number"], Texts(fill["claims"]));
        Assert.Equal("New", (string?)fill["aggregates"]![0]!["how"]);
        Assert.Equal(["Mill.Grain.SackFilled"], Texts(fill["aggregates"]![0]!["events"]));
        Assert.Equal(["Load", "LoadOrNew"], empty["aggregates"]!.AsArray().Select(found => (string)found!["how"]!));
        Assert.Equal(["Mill.Grain.CartLoaded"], Texts(empty["aggregates"]![1]!["events"]));
    }

    [Fact]
    public void Events_appended_without_an_aggregate_are_described_too()
    {
        Assert.Equal(["Mill.Grain.DayClosed"], Texts(Find("commands", "Mill.Grain.CloseDay")["appends"]));
        var import = Description["others"]!
            .AsArray()
            .Single(other => (string?)other!["in"] == "Mill.Grain.Import.Run")!;
        Assert.Equal(["Mill.Grain.DayClosed"], Texts(import["appends"]));
    }

    [Fact]
    public void A_decider_shows_the_events_that_it_decides_and_reads()
    {
        var decider = Find("deciders", "Mill.Grain.WagesDecider");

        Assert.Equal("wages", (string?)decider["category"]);
        Assert.Equal(["Mill.Grain.MillerPaid"], Texts(decider["writes"]));
        Assert.Equal(["Mill.Grain.MillerPaid"], Texts(decider["reads"]));
        Assert.Equal("Mill.Grain.SackId", (string?)decider["id"]);
        Assert.Equal(
            [("Times", "int")],
            decider["state"]!.AsArray().Select(member => ((string?)member!["name"], (string?)member["type"])));
        var rule = Assert.Single(decider["rules"]!.AsArray())!;
        Assert.Equal(("paid-once", "One wage is enough."), ((string?)rule["name"], (string?)rule["message"]));
        Assert.Equal(["Decide(PayMiller)"], Texts(rule["methods"]));
        Assert.Equal("Mill.Grain.WagesDecider", (string?)Find("commands", "Mill.Grain.PayMiller")["handler"]);
    }

    [Fact]
    public void A_query_shows_the_read_models_behind_its_services()
        => Assert.Equal(["Mill.Grain.SackView"], Texts(Find("queries", "Mill.Grain.GetSack")["reads"]));

    [Fact]
    public void A_consumer_shows_its_event_types_and_the_commands_it_sends()
    {
        var clerk = Description["consumers"]!.AsArray().Single()!;

        Assert.Equal("clerk", (string?)clerk["name"]);
        Assert.Equal("Closes the day.", (string?)clerk["summary"]);
        Assert.Equal(["sack.emptied"], Texts(clerk["types"]));
        Assert.Equal(["Mill.Grain.SackEmptied"], Texts(clerk["events"]));
        Assert.Equal(["Mill.Grain.CloseDay"], Texts(clerk["sends"]));
    }

    [Fact]
    public void Documentation_comments_are_read_even_when_documentation_is_disabled()
    {
        var parseOptions = new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.None);
        var compilation = GeneratorRunner.Compile(Code);
        var reparsed = compilation.RemoveAllSyntaxTrees().AddSyntaxTrees(
            compilation.SyntaxTrees.Select(tree =>
                CSharpSyntaxTree.ParseText(tree.ToString(), parseOptions, tree.FilePath)));

        var driver = GeneratorRunner.Driver().WithUpdatedParseOptions(parseOptions);
        var text = Text(driver.RunGenerators(reparsed).GetRunResult().Results[0]);

        Assert.Equal("All of the mill.", (string?)text["summary"]);
        Assert.Equal(Description.ToJsonString(), text.ToJsonString());
    }

    [Fact]
    public void The_same_code_gives_the_same_text() =>
        Assert.Equal(Description.ToJsonString(), Describe(Code).ToJsonString());

    [Fact]
    public void The_description_is_not_generated_while_code_is_typed_and_the_code_compiles_without_it()
    {
        var driver = CSharpGeneratorDriver.Create(
            [new ModelGenerator().AsSourceGenerator()],
            parseOptions: (CSharpParseOptions)GeneratorRunner.Compile(Code).SyntaxTrees[0].Options,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.Implementation));

        var run = driver
            .RunGeneratorsAndUpdateCompilation(GeneratorRunner.Compile(Code), out var compilation, out _)
            .GetRunResult();
        var result = run.Results[0];

        Assert.DoesNotContain(
            result.GeneratedSources, file => file.HintName.EndsWith(".Description.g.cs", StringComparison.Ordinal));
        Assert.Empty(compilation.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error));
    }

    [Fact]
    public void The_code_compiles_with_the_description() => Assert.Empty(GeneratorRunner.Problems(Code));

    private static JsonNode Describe(string code) =>
        Text(GeneratorRunner.Driver().RunGenerators(GeneratorRunner.Compile(code)).GetRunResult().Results[0]);

    private static JsonNode Text(GeneratorRunResult result)
    {
        var file = result.GeneratedSources.Single(file =>
            file.HintName.EndsWith(".Description.g.cs", StringComparison.Ordinal));
        return JsonNode.Parse(file.SourceText.ToString().Split("\"\"\"")[1])!;
    }

    private static JsonNode Find(string kind, string type) =>
        Description[kind]!.AsArray().Single(found => (string?)found!["type"] == type)!;

    private static string[] Texts(JsonNode? array) => [.. array!.AsArray().Select(item => (string)item!)];
}
