namespace CardPayments.Charges;

/// <summary>
/// The bank's answer to a card, by its last digits. This test service has no bank behind it, and its answers must be
/// predictable.
/// </summary>
public static class TestCardRules
{
    /// <summary>The bank's decision about a charge.</summary>
    /// <param name="Refusal">Why the bank refuses; null when it accepts.</param>
    /// <param name="IsLater">True when the bank answers only after a delay.</param>
    public sealed record CardDecision(string? Refusal, bool IsLater);

    /// <summary>Returns the decision about a card: refused for 0002 and 9995, later for 3220 and (refused) 3063,
    /// accepted for all others.</summary>
    public static CardDecision Judge(string card) => card[^Math.Min(4, card.Length)..] switch
    {
        "0002" => new("The card was refused.", IsLater: false),
        "9995" => new("There is not enough money.", IsLater: false),
        "3220" => new(null, IsLater: true),
        "3063" => new("The card holder did not agree.", IsLater: true),
        _ => new(null, IsLater: false),
    };
}
