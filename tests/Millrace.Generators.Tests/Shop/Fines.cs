using System.Text.Json.Serialization;

namespace Millrace.Generators.Tests.Shop;

/// <summary>The payment of a fine. It has one of several types with their own members.</summary>
[JsonDerivedType(typeof(CardFee), "card")]
[JsonDerivedType(typeof(CashFee), "cash")]
public abstract record Fee(decimal Amount);

/// <summary>A fee that is paid by card.</summary>
public sealed record CardFee(decimal Amount, string Number) : Fee(Amount);

/// <summary>A fee that is paid in cash.</summary>
public sealed record CashFee(decimal Amount) : Fee(Amount);

/// <summary>Pays a fine and returns the payment.</summary>
public sealed record PayFine(string Reader, Fee Fee) : ICommand<Fee>;

/// <summary>A command that has one of several types.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(WriteToReader), 1)]
[JsonDerivedType(typeof(CallReader), 2)]
public abstract record Remind(string Reader) : ICommand<string>;

/// <summary>Reminds a reader by letter.</summary>
public sealed record WriteToReader(string Reader, string Address) : Remind(Reader);

/// <summary>Reminds a reader by telephone.</summary>
public sealed record CallReader(string Reader, int Times) : Remind(Reader);

internal static class FineHandlers
{
    public static Fee Handle(PayFine pay) => pay.Fee;

    public static string Handle(Remind remind) => $"{remind.GetType().Name} {remind.Reader}";
}
