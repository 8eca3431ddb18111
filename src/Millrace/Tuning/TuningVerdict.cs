namespace Millrace;

/// <summary>Specifies whether a factor gains, as far as the noise of the measurement allows a statement.</summary>
public enum TuningVerdict
{
    /// <summary>At least 5 % more, with 95 % confidence.</summary>
    Gains,

    /// <summary>Between 15 % less and 15 % more, with 95 % confidence.</summary>
    Nothing,

    /// <summary>At least 5 % less, with 95 % confidence.</summary>
    Costs,

    /// <summary>The noise is too high for a statement. A longer run measures more often.</summary>
    Unclear,
}
