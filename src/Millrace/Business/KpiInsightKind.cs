namespace Millrace;

/// <summary>Specifies what an insight is about.</summary>
public enum KpiInsightKind
{
    /// <summary>A single event with an unusually large value.</summary>
    LargestEvent,

    /// <summary>The day with the highest value.</summary>
    BusiestDay,

    /// <summary>The hour with the highest value.</summary>
    BusiestHour,

    /// <summary>The change against the same time before.</summary>
    Change,

    /// <summary>The change against the median of earlier weeks.</summary>
    UsualChange,

    /// <summary>The change against the same week of the year before.</summary>
    YearChange,

    /// <summary>The direction of several weeks.</summary>
    Trend,

    /// <summary>A member of a dimension that had no value in earlier weeks.</summary>
    NewMember,

    /// <summary>A member of a dimension that has no value any more.</summary>
    VanishedMember,

    /// <summary>The share of a member that reduces the figure, such as cancellations.</summary>
    Reduction,
}
