namespace Millrace.Generators.Tests;

/// <summary>Tests that one mistake causes one error, because the code that is still generated compiles.</summary>
public sealed class FollowUpErrorTests
{
    [Theory]
    [MemberData(nameof(DiagnosticTests.Mistakes), MemberType = typeof(DiagnosticTests))]
    [MemberData(nameof(EventMistakes.All), MemberType = typeof(EventMistakes))]
    public void A_mistake_causes_no_errors_in_generated_code(string id, string source, string advice)
    {
        var model = source.Contains("[Model]", StringComparison.Ordinal)
            ? ""
            : "[Model] public sealed partial class Sample;\n";

        var errors = ErrorsInGeneratedCode(source + model);

        Assert.True(errors.Count == 0, $"{id} ({advice}) leads to:\n{string.Join('\n', errors)}");
    }

    [Theory]
    [InlineData("[Id<Guid>] public readonly record struct X;")]
    [InlineData("[Id<Guid>] public partial record struct X;")]
    [InlineData("[Id<Guid>] public readonly partial record struct X(Guid Value);")]
    [InlineData("[Id<decimal>] public readonly partial record struct X;")]
    [InlineData("[Id<Exception>] public readonly partial record struct X;")]
    [InlineData("[Value<string>] public readonly partial record struct X;")]
    [InlineData("[Value<Exception>] public readonly partial record struct X;")]
    [InlineData("public abstract record X;")]
    [InlineData("public sealed class X { public X(int wrong) { } public int Right { get; } }")]
    [InlineData("public sealed record X(int Id, int ID);")]
    public void Uses_of_a_refused_type_cause_no_errors_in_generated_code(string refused)
    {
        const string Everything = """
            [Model] public sealed partial class Sample;
            [Event("a")] public sealed record A([Tag] X B, X? C, List<X> D, Dictionary<string, X> E, Inner F, Inner[] G);
            public sealed record Inner(int Y, X Z);
            public sealed record S(X B);
            [Stream("s"), Snapshot] public sealed partial class Thing : Aggregate<X>, ISnapshotable<S>
            {
                private X _b;
                private readonly Dictionary<int, List<X>> _list = [];
                private Inner? _inner;
                private (X One, string[] More) _pair;
                private void When(A a) { }
                public S TakeSnapshot() => throw new NotSupportedException();
                public void Restore(S state) { }
            }
            public sealed record C(X B, Inner I) : ICommand<X>;
            public sealed record Q(X? B) : IQuery<Inner>;
            public static class H
            {
                public static X Handle(C c, Thing t) => throw new NotSupportedException();
                public static Inner Handle(Q q) => throw new NotSupportedException();
            }
            public sealed record D([Indexed] int I, Inner B);
            [Projection("p")] public sealed partial class P : Projection<X, D>
            {
                public static X Key(A a) => throw new NotSupportedException();
                public static D Apply(D? d, A a) => throw new NotSupportedException();
            }

            """;

        Assert.Empty(ErrorsInGeneratedCode(Everything + refused));
        Assert.NotEmpty(GeneratorRunner.Diagnose(Everything + refused));
    }

    [Fact]
    public void A_second_handler_of_a_command_is_reported_once()
    {
        const string Source = """
            [Model] public sealed partial class Sample;
            public sealed record C(int X) : ICommand;
            public static class H { public static void Handle(C c, TimeProvider t) { } }
            public static class I { public static void Handle(C c, TimeProvider t) { } }
            """;

        Assert.Equal("MILL0041", Assert.Single(GeneratorRunner.Problems(Source)).Split(": error ")[1][..8]);
    }

    [Fact]
    public void A_second_model_is_reported_once()
    {
        const string Source = """
            [Model] public sealed partial class One;
            [Model] public sealed partial class Two;
            public static class Setup { public static void Add(MillraceBuilder m) => m.AddModel<One>().AddModel<Two>(); }
            """;

        Assert.Equal("MILL0070", Assert.Single(GeneratorRunner.Problems(Source)).Split(": error ")[1][..8]);
    }

    private static IReadOnlyList<string> ErrorsInGeneratedCode(string source) =>
        [.. GeneratorRunner.Problems(source).Where(problem => problem.Contains(".g.cs", StringComparison.Ordinal))];
}
