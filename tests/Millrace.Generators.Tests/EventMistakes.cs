namespace Millrace.Generators.Tests;

/// <summary>
/// Lists mistakes in the declarations of events, their JSON and their upcasters, each with its diagnostic and a part of
/// the message.
/// </summary>
public static class EventMistakes
{
    private const string Json = "System.Text.Json.Nodes.JsonObject";
    private const string Serialization = "System.Text.Json.Serialization.";
    private const string EnumText = Serialization + "JsonStringEnumMemberName";

    private const string Versions = """
        [Event("a")] public sealed record A(int C);
        [Event("a", Version = 2)] public sealed record B(int C);

        """;

    private const string Merged = Versions + """
        [Event("c")] public sealed record C(int D);
        [Event("d")] public sealed record D(int E);
        [Event("e")] public sealed record E(int F);
        public static class U { [Upcast] public static D One(A a, C c) => new(1); }

        """;

    public static TheoryData<string, string, string> All =>
        new()
        {
            { "MILL0010", "[Event(\"Order Placed\")] public sealed record A(int B);", "lower case" },
            { "MILL0010", "[Event(\"\")] public sealed record A(int B);", "1 to 256" },
            {
                "MILL0011",
                "[Event(\"a\")] public sealed record A(int C); [Event(\"a\")] public sealed record B(int C);",
                "change the name or version"
            },
            { "MILL0012", "[Event(\"a\")] public abstract record A(int B);", "not abstract" },
            { "MILL0012", "[Event(\"a\")] public sealed record A<T>(int B);", "generic" },
            { "MILL0012", "public static class O { [Event(\"a\")] private sealed record A(int B); }", "private" },
            { "MILL0012", "[Event(\"a\")] file sealed record A(int B);", "local to a file" },
            { "MILL0012", "[Event(\"a\")] public ref struct A { public int B { get; set; } }", "cannot be an event" },
            { "MILL0013", "[Event(\"a\")] public sealed record A([property: Tag] Exception B);", "'B' of 'A'" },
            { "MILL0013", "[Event(\"a\")] public sealed record A([Tag(\"a:b\")] int B);", "without a colon" },
            { "MILL0014", "[Event(\"a\", Version = 0)] public sealed record A(int B);", "start at 1" },
            { "MILL0020", "[Event(\"a\")] public sealed record A(object B);", "'B' is a 'object'" },
            { "MILL0100", Versions, "From(A old)" },
            { "MILL0101", "[Event(\"a\", Version = 3)] public sealed record A(int B);", "version 1, 2" },
            {
                "MILL0102",
                Versions
                    + """
                        public static class U { [Upcast] public static B One(A a) => new(1); [Upcast] public static B Two(A a) => new(1); }
                        """,
                "'One' already"
            },
            {
                "MILL0103",
                Versions + "public static class U { [Upcast] public static A Down(B b) => new(1); }",
                "'Down' leads back"
            },
            {
                "MILL0104",
                Versions + "public static class U { [Upcast] private static B Up(A a) => new(1); }",
                "internal or public"
            },
            {
                "MILL0102",
                Merged + "public static class V { [Upcast] public static E Two(C c, B b) => new(1); }",
                "'c' version 1 is taken by 'One' already"
            },
            {
                "MILL0103",
                Merged + "public static class V { [Upcast] public static E Two(D d, B b) => new(1); }",
                "leads back"
            },
            {
                "MILL0104",
                Versions + "public static class U { [Upcast] public static B Up(A a, A b, A c) => new(1); }",
                "no other parameters"
            },
            {
                "MILL0104",
                Versions + "public static class U { [Upcast] public static B Up(A a, int b) => new(1); }",
                "takes two records"
            },
            {
                "MILL0104",
                Versions + "public static class U { [Upcast] public static B Up(A a, A b) => new(1); }",
                "two different events"
            },
            {
                "MILL0104",
                Versions + "public static class U { [Upcast] public static B Up(int a) => new(1); }",
                "marked [Event]"
            },
            {
                "MILL0104",
                Versions + "public static class U { [Upcast] public static int Up(A a) => 1; }",
                "a tuple of them"
            },
            {
                "MILL0104",
                Versions + "public sealed class U { [Upcast] public B Up(A a) => new(1); }",
                "make it a static"
            },
            {
                "MILL0104",
                Versions + $"public static class U {{ [Upcast] public static B Up({Json} a) => new(1); }}",
                "specify the event"
            },
            {
                "MILL0104",
                Versions + $"public static class U {{ [Upcast] public static {Json} Up(A a) => null!; }}",
                "return the newer event"
            },
            {
                "MILL0104",
                Versions
                    + $"public static class U {{ [Upcast(\"a\", 1, To = 1)] public static {Json} Up({Json} a) => a; }}",
                "must be greater than"
            },
            {
                "MILL0105",
                $"public static class U {{ [Upcast(\"a\", 1)] public static {Json} Up({Json} a) => a; }}",
                "makes 'a' version 2"
            },
            {
                "MILL0106",
                Versions
                    + """
                        public static class U { [Upcast] public static B Up(A a) => new(1); }
                        [Stream("s")] public sealed partial class S : Aggregate<Guid> { private void When(A a) { } }
                        """,
                "makes it 'B'"
            },
            {
                "MILL0107",
                "[Event(\"a\")] public sealed record A(int C); [Event(\"b\", Formerly = [\"a\"])] "
                    + "public sealed record B(int C);",
                "has this name now"
            },
            {
                "MILL0107",
                "[Event(\"a\", Formerly = [\"c\"])] public sealed record A(int C); "
                    + "[Event(\"b\", Formerly = [\"c\"])] public sealed record B(int C);",
                "had it as well"
            },
            {
                "MILL0109",
                "[Event(\"a\")] public sealed record A(int B) "
                    + "{ [System.Text.Json.Serialization.JsonExtensionData] public string? More { get; init; } }",
                "IReadOnlyDictionary<string, JsonElement>"
            },
            {
                "MILL0108", "[Event(\"a\", ReadableBy = 1)] public sealed record A(int B);",
                "the version of the event is 1"
            },
            { "MILL0020", "[Event(\"a\")] public sealed record A(IComparable B);", "[JsonConverter]" },
            { "MILL0020", "[Event(\"a\")] public sealed record A((int, int) B);", "use a record" },
            { "MILL0020", "[Event(\"a\")] public sealed record A(List<Exception> B);", "'Exception'" },
            { "MILL0020", "[Event(\"a\")] public sealed record A(Dictionary<Uri, int> B);", "its keys" },
            { "MILL0020", "public abstract record B; [Event(\"a\")] public sealed record A(B C);", "abstract" },
            {
                "MILL0020",
                "public class O { [Event(\"a\")] internal sealed record A(P Q);" + " private sealed record P(int X); }",
                "private"
            },
            {
                "MILL0021",
                "public sealed class B { public B(int wrong) { } public int Right { get; } } [Event(\"a\")] "
                    + "public sealed record A(B C);",
                "parameters"
            },
            {
                "MILL0020",
                $"[Event(\"a\")] public sealed record A([property: {Serialization}JsonIgnore(Condition = "
                    + $"{Serialization}JsonIgnoreCondition.WhenReading)] int B);",
                "or for neither"
            },
            {
                "MILL0119",
                $"[{Serialization}JsonDerivedType(typeof(D))] public record B; public sealed record D : B; "
                    + "[Event(\"a\")] public sealed record A(B C);",
                "'D' has no discriminator"
            },
            { "MILL0023", "public enum U { M, m } [Event(\"a\")] public sealed record A(U B);", "'m'" },
            {
                "MILL0023",
                $"public enum U {{ A = 1, [{EnumText}(\"b\")] C = 1, B = 2 }} [Event(\"a\")] "
                    + "public sealed record A(U B);",
                "'b'"
            },
            {
                "MILL0024",
                "[Event(\"a\")] public sealed record A { public int B { get; private set; } }",
                "[JsonInclude]"
            },
            {
                "MILL0024",
                "[Event(\"a\")] public sealed record A { public int B { get; protected init; } }",
                "'B' of 'A'"
            },
            { "MILL0024", "[Event(\"a\")] public sealed record A { internal int B { get; set; } }", "'B' of 'A'" },
            { "MILL0024", "[Event(\"a\")] public sealed record A { public int B; }", "'B' of 'A'" },
            {
                "MILL0024",
                "[Event(\"a\")] public sealed record A { public A() { } public A(long b) { B = (int)b; } "
                    + "public int B { get; } }",
                "'B' of 'A'"
            },
            { "MILL0022", "[Event(\"a\")] public sealed record A(int Id, int ID);", "'id'" },
        };
}
