namespace CardPayments.Charges;

/// <summary>
/// What the bank says to a card, by its last digits: a service for trying out has no bank behind it, and its answers
/// have to be known.
/// </summary>
public static class TestCardRules
{
    /// <summary>What becomes of a charge.</summary>
    /// <param name="Refusal">Why the bank refuses; null when it does not.</param>
    /// <param name="IsLater">Whether it says so only after a while.</param>
    public sealed record CardDecision(string? Refusal, bool IsLater);

    /// <summary>The verdict about a card: refused for 0002 and 9995, later for 3220 and (refused) 3063,
    /// taken for all others.</summary>
    public static CardDecision Judge(string card) => card[^Math.Min(4, card.Length)..] switch
    {
        "0002" => new("The card was refused.", IsLater: false),
        "9995" => new("There is not enough money.", IsLater: false),
        "3220" => new(null, IsLater: true),
        "3063" => new("The card holder did not agree.", IsLater: true),
        _ => new(null, IsLater: false),
    };
}
