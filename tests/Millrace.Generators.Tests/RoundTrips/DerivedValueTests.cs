using System.Text.Json;
using Millrace.Serialization;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>
/// Tests that a value of a derived class that its declared type does not list is refused, because it would lose
/// members.
/// </summary>
public sealed class DerivedValueTests
{
    private const string Payments = """
        public record Payment(decimal Amount);
        public sealed record CardPayment(decimal Amount, string Number) : Payment(Amount);
        public sealed class Lines : List<string> { public string Title { get; set; } = ""; }

        """;

    public static TheoryData<string, string, string> Members { get; } = new()
    {
        { "Payment P", "Card", "'p' of A" },
        { "Payment? P", "Card", "'p' of A" },
        { "List<Payment> P", "[Plain, Card]", "'item' of List<…>" },
        { "Payment[] P", "[Plain, Card]", "'item'" },
        { "IReadOnlyList<Payment?> P", "[null, Card]", "'item'" },
        { "Dictionary<string, Payment> P", "new() { [\"a\"] = Card }", "'item'" },
        { "Inner P", "new(Card)", "'payment' of Inner" },
        { "List<Dictionary<int, Inner>> P", "[new() { [1] = new(Card) }]", "'payment' of Inner" },
        { "Box<Payment> P", "new(Card)", "'value' of Box<…>" },
        { "Payment P { get; set; }", "Card", "'p' of A" },
        { "List<string> P", "new Lines() { \"a\" }", "declared as List" },
    };

    [Theory]
    [MemberData(nameof(Members))]
    public void An_append_of_an_unlisted_derived_value_is_refused_in_every_member_and_format(
        string member, string value, string path)
    {
        using var model = CompiledModel.Of(Payments + $$"""
            public sealed record Inner(Payment Payment);
            public sealed record Box<T>(T Value);
            [Event("a")] public sealed record A{{(member.EndsWith('}') ? " { public required " + member + " }" : $"({member});")}}
            public static class Given
            {
                private static Payment Card => new CardPayment(1, "4111");
                private static Payment Plain => new Payment(1);
                public static object Value => new A{{(member.EndsWith('}') ? " { P = " + value + " }" : $"({value})")}};
            }
            """);

        foreach (var format in new[] { EventFormat.Json, EventFormat.Cbor })
        {
            var refused = Assert.Throws<CannotSerializeException>(() => model.Write(model.Given("Value"), format));

            Assert.Contains(path, refused.Message, StringComparison.Ordinal);
            var cause = Assert.IsType<UndeclaredTypeException>(refused.InnerException);
            Assert.True(cause.ActualType != cause.DeclaredType && cause.ActualType.IsAssignableTo(cause.DeclaredType));
        }
    }

    [Fact]
    public void A_value_of_the_declared_class_is_read_back_unchanged()
    {
        using var model = CompiledModel.Of(Payments + """
            [Event("a")] public sealed record A(Payment P, Payment? Q);
            public static class Given { public static object Value => new A(new Payment(1.50m), null); }
            """);

        Assert.Equal(model.Given("Value"), model.RoundTrip(model.Given("Value"), EventFormat.Json));
        Assert.Equal(model.Given("Value"), model.RoundTrip(model.Given("Value"), EventFormat.Cbor));
    }

    [Fact]
    public void A_command_an_answer_and_a_document_refuse_an_unlisted_derived_value()
    {
        using var model = CompiledModel.Of(Payments + """
            public sealed record Pay(Payment Payment) : ICommand<Payment>;
            public static class Handlers { public static Payment Handle(Pay pay) => pay.Payment; }
            [Event("a")] public sealed record A(int B);
            public sealed record Document(Payment Last);
            [Projection("d")] public sealed partial class D : Projection<int, Document>
            {
                static int Key(A a) => a.B;
                static Document? Apply(Document? d, A a) => d;
            }
            public static class Given
            {
                public static object Answer => new CardPayment(1, "4111");
                public static object Command => new Pay(new CardPayment(1, "4111"));
                public static object Document => new Document(new CardPayment(1, "4111"));
            }
            """);

        AssertRefused("Answer", "Payment", "The Payment is declared as Payment");
        AssertRefused("Command", "Pay", "'payment' of Pay");
        AssertRefused("Document", "Document", "'last' of Document");

        void AssertRefused(string given, string type, string message)
        {
            var info = model.Json.GetTypeInfo(model.Type(type));
            var refused = Assert.Throws<UndeclaredTypeException>(() =>
                JsonSerializer.Serialize(model.Given(given), info));
            Assert.Contains(message, refused.Message, StringComparison.Ordinal);
            Assert.Contains("[JsonDerivedType(typeof(CardPayment)", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("public interface IPayment { int Amount { get; } }", "IPayment P")]
    [InlineData("public abstract record Money(int Amount);", "Money P")]
    [InlineData("", "object P")]
    [InlineData("", "List<object> P")]
    [InlineData("", "dynamic P")]
    [InlineData("public interface IPayment { int Amount { get; } }", "Dictionary<string, IPayment[]> P")]
    public void A_member_that_can_have_any_type_is_refused_by_the_build(string types, string member)
    {
        var problems = GeneratorRunner.Problems(
            $"{CompiledModel.Declaration}{types} [Event(\"a\")] public sealed record A({member});");

        Assert.Contains("MILL0020", Assert.Single(problems), StringComparison.Ordinal);
    }
}
