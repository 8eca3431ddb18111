namespace Millrace;

/// <summary>Specifies the length of the periods of a series, in UTC.</summary>
public enum KpiStep
{
    /// <summary>Each point is an hour.</summary>
    Hour,

    /// <summary>Each point is a day.</summary>
    Day,

    /// <summary>Each point is a week, which starts on Monday.</summary>
    Week,

    /// <summary>Each point is a calendar month.</summary>
    Month,
}
