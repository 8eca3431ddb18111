using Millrace.Generators.Tests.Analyzers;

namespace Millrace.Generators.Tests.Folds;

/// <summary>
/// Tests that a method that resembles a fold but is never called is an error. A method that other code calls is not an
/// error.
/// </summary>
public sealed class UncalledFoldTests
{
    private const string Events = """
        [Event("deposited")] public sealed record Deposited(int Amount);
        public sealed record Balance(int Amount);

        """;

    public static TheoryData<string> SimilarToWhen =>
        new(
            "when",
            "WHEN",
            "Wen",
            "Whenn",
            "Whan",
            "Wehn",
            "hWen",
            "Hen",
            "apply",
            "Apply",
            "Aplly",
            "Evolve",
            "evolv");

    public static TheoryData<string> SimilarToApply =>
        new("apply", "Aplly", "Appl", "Applyy", "Aply", "Appyl", "When", "Evolve");

    public static TheoryData<string> SimilarToKey => new("key", "KEY", "Ky", "Kye", "Keyy", "Keys", "Kay");

    public static TheoryData<string> SimilarToEvolve => new("evolve", "Evolv", "Evovle", "Evolves", "Apply", "When");

    private static string InAggregate(string body) =>
        Events + $"[Stream(\"account\")] public partial class Account : Aggregate<Guid> {{ public int Total; {body} }}";

    private static string InProjection(string body) =>
        Events
        + $"[Projection(\"balances\")] public sealed partial class Balances : Projection<int, Balance> {{ {body} }}";

    private static string InDecider(string body) =>
        Events
        + $"[Decider(\"account\")] public static partial class Accounts {{ public static int Initial => 0; {body} }}";

    [Theory]
    [MemberData(nameof(SimilarToWhen))]
    public async Task A_misnamed_When_is_reported(string name)
    {
        foreach (var access in new[] { "private", "public" })
            await AnalyzerRunner.ExpectOne(
                "MILL0131", InAggregate($"{access} void {name}(Deposited e) => Total += e.Amount;"), "name it 'When'");
    }

    [Theory]
    [MemberData(nameof(SimilarToApply))]
    public Task A_misnamed_Apply_is_reported(string name) =>
        AnalyzerRunner.ExpectOne(
            "MILL0131",
            InProjection($"public static Balance? {name}(Balance? b, Deposited e) => new(e.Amount);"),
            "name it 'Apply'");

    [Theory]
    [InlineData("int k, Balance? b, Deposited e, RecordedEvent r")]
    [InlineData("Balance? b, Deposited e, RecordedEvent r")]
    public Task An_Apply_with_more_parameters_is_reported(string parameters) => AnalyzerRunner.ExpectOne(
        "MILL0131", InProjection($"public static Balance? apply({parameters}) => new(e.Amount);"), "name it 'Apply'");

    [Theory]
    [MemberData(nameof(SimilarToKey))]
    public Task A_misnamed_Key_is_reported(string name) =>
        AnalyzerRunner.ExpectOne(
            "MILL0131", InProjection($"public static int {name}(Deposited e) => 1;"), "name it 'Key'");

    [Theory]
    [MemberData(nameof(SimilarToEvolve))]
    public Task A_misnamed_Evolve_is_reported(string name) =>
        AnalyzerRunner.ExpectOne(
            "MILL0131",
            InDecider($"public static int {name}(int state, Deposited e) => state + e.Amount;"),
            "name it 'Evolve'");

    [Theory]
    [InlineData("public abstract class Account : Aggregate<Guid> { protected void Wen(Deposited e) { } }")]
    [InlineData("public abstract class Account<T> : Aggregate<Guid> where T : class { protected void when(T e) { } }")]
    public Task A_misnamed_fold_of_a_base_class_is_reported(string source) =>
        AnalyzerRunner.ExpectOne("MILL0131", Events + source, "name it 'When'");

    public static TheoryData<string> Helpers =>
        new(
            InAggregate(
                "private void When(Deposited e) => Apply(e); private void Apply(Deposited e) => Total += e.Amount;"),
            InAggregate(
                "public void Apply(Deposited e) => Raise(e); private void When(Deposited e) => Total += e.Amount;"),
            InAggregate(
                "private void When(Deposited e) => new[] { e }.ToList().ForEach(Apply); private "
                    + "void Apply(Deposited e) { }"
            ),
            InAggregate(
                "private void When(Deposited e) { } public bool Apply(Deposited e, int times) => times > e.Amount;"),
            InAggregate(
                "private void When(Deposited e) { } public void Then(Deposited e) { } public "
                    + "void Where(Deposited e) { }"
            ),
            InAggregate(
                "private void When(Deposited e) { } public int Key(int a) => a; public int "
                    + "Apply(Deposited e) => e.Amount;"
            ),
            Events
                + "public interface IApply<T> { void Apply(T e); } [Stream(\"account\")] public partial class Account "
                + ": Aggregate<Guid>, "
                + "IApply<Deposited> { public void Apply(Deposited e) { } private void When(Deposited e) { } }",
            Events
                + "public sealed class Account : Aggregate<Guid> { protected override void Evolve(object e) { if (e "
                + "is Deposited d) "
                + "apply(d); } private void apply(Deposited e) { } }",
            InAggregate(
                "private void When(Deposited e) => ((dynamic)this).Apply((dynamic)e); private "
                    + "void Apply(Deposited e) { }"
            ),
            InProjection(
                "public static int Key(Deposited e) => keys(e)[0]; private static int[] keys(Deposited e) => [1]; "
                    + "public static Balance? Apply(Balance? b, Deposited e) => new(e.Amount);"),
            InDecider("public static int Evolve(this int state, Deposited e) => state + e.Amount;"),
            InAggregate("private void When(Deposited e) => this.Apply(e);")
                + " public static class Folds { public static void Apply(this Account a, Deposited e) => a.Total += "
                + "e.Amount; }",
            InProjection(
                "public static int Key(Deposited e) => 1; public static Balance? Apply(Balance? b, "
                    + "Deposited e) => b?.Apply(e);"
            ) + " public static class Folds { public static Balance Apply(this Balance b, Deposited e) => b; }",
            Events
                + "public sealed class Till { public void Apply(Deposited e) { } private void when(Deposited e) { } } "
                + "public static class Tills { public static void When(this Till till, Deposited e) { } }");

    [Theory]
    [MemberData(nameof(Helpers))]
    public async Task A_method_that_is_called_or_cannot_fold_is_not_reported(string source)
    {
        var found = await AnalyzerRunner.Find(source);

        Assert.DoesNotContain(found, diagnostic => diagnostic.Id is "MILL0131" or "MILL0132");
        Assert.Empty(GeneratorRunner.Problems(source));
    }

    [Theory]
    [InlineData("static void When(this Account state, Deposited e) => state.Total += e.Amount;")]
    [InlineData("static void when(this Account state, Deposited e) => state.Total += e.Amount;")]
    [InlineData("static void Apply(this Account state, Deposited e) => state.Total += e.Amount;")]
    [InlineData("static Account Evolve(this Account state, Deposited e) => state;")]
    public Task An_extension_method_of_an_aggregate_is_reported(string method) =>
        AnalyzerRunner.ExpectOne(
            "MILL0132",
            InAggregate("") + $" public static class Folds {{ public {method} }}",
            "'private void When(Deposited e)'");

    [Theory]
    [InlineData("static Balance? Apply(this Balance? b, Deposited e) => b;", "'static Apply' in 'Balances'")]
    [InlineData(
        "static Balance? Apply(this Balances all, Balance? b, Deposited e) => b;", "'static Apply' in 'Balances'")]
    [InlineData("static int Key(this Balances all, Deposited e) => 1;", "'static Key' in 'Balances'")]
    public Task An_extension_method_of_a_projection_is_reported(string method, string advice) =>
        AnalyzerRunner.ExpectOne(
            "MILL0132", InProjection("") + $" public static class Folds {{ public {method} }}", advice);

    [Theory]
    [InlineData("Evolve")]
    [InlineData("evolve")]
    public Task An_extension_method_of_the_state_of_a_decider_is_reported(string name) =>
        AnalyzerRunner.ExpectOne(
            "MILL0132",
            InDecider("")
                + $" public static class Folds {{ public static int {name}(this int state, Deposited e) => state; }}",
            "'static Evolve' in 'Accounts'");

    [Fact]
    public Task A_member_of_an_extension_block_is_reported() =>
        AnalyzerRunner.ExpectOne(
            "MILL0132",
            InAggregate("")
                + " public static class Folds { extension(Account state) { public void When(Deposited e) { } } }",
            "'private void When(Deposited e)'");

    [Fact]
    public async Task A_member_of_an_extension_block_that_is_called_is_not_reported()
    {
        var found = await AnalyzerRunner.Find(InAggregate("private void When(Deposited e) => this.Apply(e);")
            + " public static class Folds { extension(Account state) { public void Apply(Deposited e) { } } }");

        Assert.DoesNotContain(found, diagnostic => diagnostic.Id is "MILL0131" or "MILL0132");
    }
}
