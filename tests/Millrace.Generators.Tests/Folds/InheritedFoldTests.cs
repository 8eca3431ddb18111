namespace Millrace.Generators.Tests.Folds;

/// <summary>Tests that an inherited method that folds events is called, or that the build refuses it.</summary>
public sealed class InheritedFoldTests
{
    private const string Event = "[Event(\"deposited\")] public sealed record Deposited(int Amount);\n";

    private static readonly string[] Accesses =
    [
        "private",
        "protected",
        "internal",
        "public",
        "protected internal",
        "private protected",
    ];

    public static TheoryData<int, bool, string, bool, string> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, bool, string, bool, string>();
            var all =
                from depth in Enumerable.Range(0, 4)
                from isGeneric in (bool[])[false, true]
                from access in Accesses
                from isElsewhere in (bool[])[false, true]
                from kind in (string[])["plain", "virtual", "overridden", "hidden"]
                where depth > 0 || (!isGeneric && !isElsewhere && kind == "plain")
                select (depth, isGeneric, access, isElsewhere, kind);
            foreach (var (depth, isGeneric, access, isElsewhere, kind) in all)
                shapes.Add(depth, isGeneric, access, isElsewhere, kind);
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_When_method_of_an_aggregate_is_called_or_the_build_refuses_it(
        int depth, bool isGeneric, string access, bool isElsewhere, string kind)
    {
        var (bases, aggregate) = Code(depth, isGeneric, access, kind);
        using var model = FoldedModel.Of(isElsewhere ? [Event + bases, aggregate] : [Event + bases + aggregate]);

        if (model.Refusals.Count > 0)
            Assert.All(model.Refusals, refusal => Assert.StartsWith("MILL", refusal, StringComparison.Ordinal));
        else
            Assert.Equal(5, model.Fold("Account", "Deposited", 5));
        var isPlain = access is "protected" or "public" or "protected internal" || depth == 0;
        Assert.False(isPlain && model.Refusals.Count > 0, string.Join("\n", model.Refusals));
    }

    /// <summary>Returns the base classes of an aggregate, and the aggregate itself. It folds a deposit.</summary>
    private static (string Bases, string Aggregate) Code(int depth, bool isGeneric, string access, string kind)
    {
        var fold = "When(" + (isGeneric ? "TEvent e) => Total += Amount(e);" : "Deposited e) => Total += e.Amount;");
        if (depth == 0)
            return ("", Aggregate("Aggregate<Guid>", $"public int Total; {access} void {fold}"));
        var parameters = isGeneric ? "<TEvent> where TEvent : class" : "";
        var modifier = kind is "virtual" or "overridden" && access != "private" ? " virtual" : "";
        var (typeParameter, where) = isGeneric ? ("<TEvent>", " where TEvent : class") : ("", "");
        var code = $"public abstract class Level1{typeParameter} : Aggregate<Guid>{where} "
            + $"{{ public int Total; {access}{modifier} void {fold} protected static int Amount(object e) => "
            + $"((Deposited)e).Amount; }}\n";
        for (var level = 2; level <= depth; level++)
        {
            code +=
                $"public abstract class Level{level}{(isGeneric ? "<TEvent>" : "")} : "
                    + $"Level{level - 1}{(isGeneric ? "<TEvent>" : "")}"
                + $"{parameters.Replace("<TEvent>", "", StringComparison.Ordinal)} {{ }}\n";
        }
        var members = kind switch
        {
            "overridden" when access is not ("private" or "internal" or "private protected" or "protected internal") =>
                $"{access} override void When(Deposited e) => base.When(e);",
            "hidden" => "private new void When(Deposited e) => Total += e.Amount;",
            _ => "",
        };
        return (code, Aggregate($"Level{depth}{(isGeneric ? "<Deposited>" : "")}", members));
    }

    private static string Aggregate(string from, string body) =>
        $"#pragma warning disable CS0109\n[Model] public sealed partial class Sample;\n"
        + $"[Stream(\"account\")] public sealed partial class Account : {from} {{ {body} }}\n";

    [Theory]
    [InlineData(
        "public abstract class Base : Aggregate<Guid> { public int Total; protected override void Evolve(object e) { "
            + "if (e is Deposited d) Total += d.Amount; } }",
        "public int Count; private void When(Withdrawn e) => Count++;")]
    [InlineData(
        "[Stream(\"base\")] public partial class Base : Aggregate<Guid> { public int Total; "
            + "private void When(Deposited e) => Total += e.Amount; }",
        "")]
    [InlineData(
        "[Stream(\"base\")] public partial class Base : Aggregate<Guid> { public int Total; "
            + "protected virtual void When(Deposited e) => Total += 100; }",
        "protected override void When(Deposited e) => Total += e.Amount;")]
    [InlineData(
        "public abstract class Base : Aggregate<Guid> { public int Total; protected sealed override void Evolve(object "
            + "e) { if (e is Deposited d) Total += d.Amount; } }",
        "")]
    public void An_Evolve_method_of_a_base_class_is_called(string source, string members)
    {
        using var model = FoldedModel.Of([
            Event
                + "[Event(\"withdrawn\")] public sealed record Withdrawn(int Amount);\n"
                + source
                + "\n"
                + Aggregate("Base", members),
        ]);

        Assert.Empty(model.Refusals);
        Assert.Equal(5, model.Fold("Account", "Deposited", 5));
    }

    [Theory]
    [InlineData(
        "public interface IFold { void When(Deposited e); }",
        "Aggregate<Guid>, IFold",
        "void IFold.When(Deposited e) { }")]
    [InlineData("public interface IFold { void When(Deposited e) { } }", "Aggregate<Guid>, IFold", "")]
    [InlineData(
        "", "Aggregate<Guid>", "protected override void Evolve(object e) { } private void When(Deposited e) { }")]
    [InlineData(
        "public abstract class Base : Aggregate<Guid> { protected sealed override void Evolve(object e) { } }",
        "Base",
        "private void When(Deposited e) { }")]
    [InlineData(
        "[Event(\"b\")] public record Paid(int A); [Event(\"c\")] public sealed record PaidTwice(int A) : Paid(A); "
            + "public abstract class Base : Aggregate<Guid> { protected void When(PaidTwice e) { } }",
        "Base",
        "private void When(Paid e) { }")]
    [InlineData("public abstract class Base : Aggregate<Guid> { protected void When(object e) { } }", "Base", "")]
    [InlineData(
        "public abstract class Base : Aggregate<Guid> { protected static void When(Deposited e) { } }", "Base", "")]
    [InlineData("public abstract class Base : Aggregate<Guid> { protected void When<T>(T e) { } }", "Base", "")]
    [InlineData("public abstract class Base : Aggregate<Guid> { protected void When(in Deposited e) { } }", "Base", "")]
    [InlineData("", "Aggregate<Guid>", "private void When(ref Deposited e) { }")]
    public void A_When_method_that_would_not_be_called_is_refused(string source, string from, string members)
    {
        using var model = FoldedModel.Of([Event + source + Aggregate(from, members)]);

        Assert.NotEmpty(model.Refusals);
        Assert.All(model.Refusals, refusal => Assert.StartsWith("MILL", refusal, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(
        "public abstract class Base : Projection<int, Balance> { protected static int Key(Deposited e) => 1; "
            + "protected static Balance? Apply(Balance? b, Deposited e) => new(e.Amount); }",
        "Base",
        "")]
    [InlineData(
        "public abstract class Base<T> : Projection<int, Balance> where T : class { protected static int Key(T e) => "
            + "1; protected static Balance? Apply(Balance? b, T e) => new(1); }",
        "Base<Deposited>",
        "")]
    [InlineData(
        "public abstract class Base<T> : Projection<int, Balance> where T : class { public static int Key(T e) => 1; }",
        "Base<Deposited>",
        "public static Balance? Apply(Balance? b, Deposited e) => new(1);")]
    [InlineData(
        "public abstract class Base : Projection<int, Balance> { protected static int Key(Deposited e) => 1; }",
        "Base",
        "public static new int Key(Deposited e) => 2; public static Balance? Apply(Balance? b, Deposited e) => new(1);"
    )]
    public void Inherited_Key_and_Apply_methods_of_a_projection_are_called(string source, string from, string members)
    {
        using var model = FoldedModel.Of([
            Event + "public sealed record Balance(int Amount);\n" + source + Projection(from, members),
        ]);

        Assert.Empty(model.Refusals);
        Assert.Equal(["Deposited"], Assert.Single(model.Catalog.Projections).Events.Select(type => type.Name));
    }

    [Theory]
    [InlineData(
        "public abstract class Base : Projection<int, Balance> { private static int Key(Deposited e) => 1; "
            + "private static Balance? Apply(Balance? b, Deposited e) => null; }",
        "Base",
        "")]
    [InlineData(
        "public abstract class Base : Projection<int, Balance> { "
            + "protected override void CollectKeys(RecordedEvent r, ICollection<int> k) { } "
            + "protected override Balance? Fold(int k, Balance? b, RecordedEvent r) => b; }",
        "Base",
        "public static int Key(Deposited e) => 1; public static Balance? Apply(Balance? b, Deposited e) => b;")]
    [InlineData(
        "public abstract class Base : Projection<int, Balance> { protected static int Key(object e) => 1; }",
        "Base",
        "")]
    [InlineData(
        "",
        "Projection<int, Balance>",
        "public static int Key(Deposited e) => 1; "
            + "public static int Key(Deposited e, RecordedEvent r) => 2; "
            + "public static Balance? Apply(Balance? b, Deposited e) => b;")]
    public void Key_and_Apply_methods_that_would_not_be_called_are_refused(string source, string from, string members)
    {
        using var model = FoldedModel.Of([
            Event + "public sealed record Balance(int Amount);\n" + source + Projection(from, members),
        ]);

        Assert.NotEmpty(model.Refusals);
        Assert.All(model.Refusals, refusal => Assert.StartsWith("MILL", refusal, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("public abstract class H<T> where T : ICommand { public static void Handle(T c) { } }")]
    [InlineData("public static class H { public static void Handle<T>(T c) where T : ICommand { } }")]
    [InlineData("public static class H<T> { public static void Handle(Go c) { } }")]
    [InlineData("public interface IHandle { static abstract void Handle(Go c); }")]
    public void A_handler_that_cannot_be_called_is_refused(string source)
    {
        using var model = FoldedModel.Of(
            ["public sealed record Go(int A) : ICommand;\n[Model] public sealed partial class Sample;\n" + source]);

        Assert.Contains(model.Refusals, refusal => refusal.StartsWith("MILL0130", StringComparison.Ordinal));
        Assert.All(model.Refusals, refusal => Assert.StartsWith("MILL", refusal, StringComparison.Ordinal));
    }

    [Fact]
    public void A_Validate_method_of_a_base_class_is_called()
    {
        var files = GeneratorRunner.Files("""
            [Model] public sealed partial class Sample;
            public sealed record Go(int A) : ICommand;
            public abstract class Validation<T> { public static void Validate(T command, ValidationProblems problems) { } }
            public sealed class Handlers : Validation<Go> { public static void Handle(Go go) { } }
            """);

        Assert.Contains(
            "Validate = global::Handlers.Validate,", files["Sample.Commands.g.cs"], StringComparison.Ordinal);
    }

    private static string Projection(string from, string members) =>
        "[Model] public sealed partial class Sample;\n"
        + $"[Projection(\"balances\")] public sealed partial class Balances : {from} {{ {members} }}\n";
}
