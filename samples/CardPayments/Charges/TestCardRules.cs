namespace CardPayments.Charges;

/// <summary>
/// Determines the bank's answer to a card by the last digits. This test service has no bank, and its answers must be
/// predictable.
/// </summary>
public static class TestCardRules
{
    /// <summary>The bank's decision about a charge.</summary>
    /// <param name="Refusal">The reason why the bank refuses the charge, or null when the bank accepts it.</param>
    /// <param name="IsLater">True when the bank answers only after a delay.</param>
    public sealed record CardDecision(string? Refusal, bool IsLater);

    /// <summary>
    /// Returns the decision about a card. The bank refuses 0002 and 9995, answers later for 3220, refuses 3063 later,
    /// and accepts all other cards.
    /// </summary>
    public static CardDecision Judge(string card) => card[^Math.Min(4, card.Length)..] switch
    {
        "0002" => new("The card was refused.", IsLater: false),
        "9995" => new("There is not enough money.", IsLater: false),
        "3220" => new(null, IsLater: true),
        "3063" => new("The card holder did not agree.", IsLater: true),
        _ => new(null, IsLater: false),
    };
}
